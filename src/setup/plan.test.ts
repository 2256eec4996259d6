import assert from "node:assert/strict";
import { test } from "node:test";
import { type DesiredBuilder, desiredBuilder } from "../builder/configuration.ts";
import type { Builder } from "../engine/buildx.ts";
import { parsePlatform } from "../platform/platform.ts";
import { planBuilder, planRemoval } from "./plan.ts";

const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);
const wanted = {
  name: "b",
  platforms,
  buildkitImage: "kit:1",
  endpoint: "default",
  configurationFile: "/cache/b.toml",
};
const desired = desiredBuilder(wanted, undefined);
const healthy = builder(desired);

function builder(from: DesiredBuilder, node: Partial<Builder["nodes"][number]> = {}): Builder {
  const { name, driver, options, endpoint } = from;
  const nodes = [
    { name: `${name}0`, endpoint, status: "running", platforms: from.platforms, options, ...node },
  ];
  return { name, driver, isCurrent: false, nodes };
}

function plan(existing: Builder | undefined, wishes: { recreate?: boolean; use?: boolean } = {}) {
  const all = { recreate: false, use: false, ...wishes };
  return planBuilder(existing, desired, all, async () => {}).map(({ id, reason, commands }) => ({
    id,
    reason,
    command: commands.map((argv) => argv.join(" ")).join(" && "),
  }));
}

const ids = (steps: readonly { readonly id: string }[]) => steps.map(({ id }) => id);

test("a healthy builder: nothing to do", () => {
  assert.deepEqual(plan(healthy), []);
});

test("the buildkitd.toml that buildx has as its default serves until something is to be told", () => {
  const own = { ...wanted, hasDefaultConfiguration: true };
  assert.equal(desiredBuilder(own, undefined).configurationFile, undefined);
  const told = desiredBuilder({ ...own, settings: { cacheSize: 20e9 } }, undefined);
  assert.equal(told.configurationFile, wanted.configurationFile);
  assert.match(told.configuration, /maxUsedSpace = 20000000000/);
});

test("none of that name: it is created", () => {
  const [step] = plan(undefined);
  assert.equal(step?.id, "create-builder");
  assert.match(step.command, /--driver docker-container --driver-opt image=kit:1/);
  assert.match(step.command, /--platform linux\/amd64,linux\/arm64 --bootstrap$/);
});

test("a stopped one is started", () => {
  for (const status of ["stopped", "inactive"]) {
    assert.deepEqual(ids(plan(builder(desired, { status }))), ["start-builder"]);
  }
});

const faults: readonly (readonly [string, Builder, RegExp, "kept" | "lost"])[] = [
  ["wrong driver", { ...healthy, driver: "remote" }, /its driver is remote/, "lost"],
  [
    "another engine",
    builder(desired, { endpoint: "other" }),
    /belongs to the engine other/,
    "lost",
  ],
  ["dead endpoint", builder(desired, { error: "refused" }), /does not answer \(refused\)/, "kept"],
  [
    "missing platform",
    builder(desired, { platforms: ["linux/amd64"] }),
    /does not offer linux\/arm64/,
    "kept",
  ],
  ["other configuration", builder(desired, { options: {} }), /another configuration/, "kept"],
];

for (const [name, existing, reason, cache] of faults) {
  test(`${name}: it is made anew, says why, its cache ${cache}`, () => {
    const [remove, create] = plan(existing);
    assert.equal(remove?.id, "remove-builder");
    assert.match(remove.reason, reason);
    assert.equal(remove.command.includes("--keep-state"), cache === "kept");
    assert.equal(create?.id, "create-builder");
  });
}

test("it is the default only when that is asked for, and once", () => {
  assert.deepEqual(ids(plan(healthy, { use: true })), ["use-builder"]);
  assert.deepEqual(plan({ ...healthy, isCurrent: true }, { use: true }), []);
});

test("what no flag names stays as it is", () => {
  const { buildkitImage: _, ...without } = wanted;
  const kept = desiredBuilder(without, healthy);
  assert.equal(kept.options["image"], "kit:1");
  assert.deepEqual(
    planBuilder(healthy, kept, { recreate: false, use: false }, async () => {}),
    [],
  );
});

test("buildx writes the default context by its address", () => {
  assert.deepEqual(plan(builder(desired, { endpoint: "unix:///var/run/docker.sock" })), []);
});

test("a removal of nothing has no steps", () => {
  assert.deepEqual(
    planRemoval(undefined, async () => {}),
    [],
  );
  assert.deepEqual(ids(planRemoval(healthy, async () => {})), ["remove-builder"]);
});
