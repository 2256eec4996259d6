import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { parsePlatform } from "../platform/platform.ts";
import { keepMachine, keptMachine } from "./machine.ts";

const machine = {
  platform: parsePlatform("linux/arm64"),
  dataRoot: "/var/lib/docker",
  operatingSystem: "Debian",
  context: "default",
};

test("a machine is kept for the engine that docker is led to, and for no other", async (context) => {
  const home = await mkdtemp(path.join(tmpdir(), "transship-machine-"));
  context.after(async () => await rm(home, { recursive: true, force: true }));
  const env = { XDG_CACHE_HOME: path.join(home, "cache"), DOCKER_CONFIG: home };
  assert.equal(await keptMachine(env), undefined);
  await keepMachine(machine, env);
  assert.deepEqual(await keptMachine(env), machine);
  assert.equal(await keptMachine({ ...env, DOCKER_HOST: "ssh://server" }), undefined);
  assert.equal(await keptMachine({ ...env, DOCKER_CONTEXT: "other" }), undefined);
  await writeFile(path.join(home, "config.json"), '{"currentContext":"other"}');
  assert.equal(await keptMachine(env), undefined);
});
