import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import { desiredBuilder } from "../builder/configuration.ts";
import { parsePlatform } from "../platform/platform.ts";
import type { Step } from "../process/plan.ts";
import { configurationSteps } from "./configuration-file.ts";
import { planBuilder } from "./plan.ts";

const platforms = ["linux/amd64"].map(parsePlatform);

function desire(configurationFile: string) {
  const wanted = { name: "b", platforms, endpoint: "default", configurationFile };
  const mirrors = [{ registry: "docker.io", mirror: "mirror.example.org/$HOME" }];
  return desiredBuilder({ ...wanted, settings: { mirrors } }, undefined);
}

const creation = (desired: ReturnType<typeof desire>): readonly Step[] =>
  planBuilder(undefined, desired, { recreate: false, use: false }, async () => {});

test("what is shown and what is done write the same file", async (context) => {
  const directory = await temporaryDirectory(context);
  const file = path.join(directory, "it's my cache", "b.toml");
  const desired = desire(file);
  const [step, ...rest] = configurationSteps(desired, creation(desired), undefined, {});
  assert.ok(step !== undefined);
  assert.deepEqual(rest, []);
  await step.act();
  assert.equal(await readFile(file, "utf8"), desired.configuration);
  await rm(file);
  const [[program = "", ...args] = []] = step.commands;
  execFileSync(program, args);
  assert.equal(await readFile(file, "utf8"), desired.configuration);
});

test("it is written only for a step that reads it, and only where it differs", () => {
  const desired = desire("/cache/b.toml");
  const steps = creation(desired);
  assert.deepEqual(configurationSteps(desired, steps, desired.configuration, {}), []);
  assert.equal(configurationSteps(desired, steps, "other", {}).length, 1);
  assert.deepEqual(configurationSteps(desired, [], undefined, {}), []);
});
