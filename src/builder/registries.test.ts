import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import { speaksPlainHttp } from "./registries.ts";
import { settingsOption, writeSettings } from "./settings.ts";

test("plain HTTP is spoken to a registry that any builder was told so of", async (context) => {
  const env = { BUILDX_CONFIG: await temporaryDirectory(context) };
  assert.equal(await speaksPlainHttp("10.0.0.5:5000", env), false);
  const instances = path.join(env.BUILDX_CONFIG, "instances");
  await mkdir(instances);
  const registries = { "10.0.0.5:5000": { http: true }, "10.0.0.6:5000": { ca: "/ca.pem" } };
  const DriverOpts = { [settingsOption]: writeSettings({ registries }) };
  const told = { Driver: "docker-container", Nodes: [{ Name: "own0", DriverOpts }] };
  await writeFile(path.join(instances, "own"), JSON.stringify(told));
  await writeFile(path.join(instances, "broken"), "{");
  assert.equal(await speaksPlainHttp("10.0.0.5:5000", env), true);
  assert.equal(await speaksPlainHttp("10.0.0.6:5000", env), false);
});
