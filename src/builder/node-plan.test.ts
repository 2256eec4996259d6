import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPlatform, parsePlatform } from "../platform/platform.ts";
import {
  isDecided,
  missingPlatformFailure,
  nodePlan,
  nodeWarnings,
  type PlannedNode,
} from "./node-plan.ts";

const amd64 = parsePlatform("linux/amd64");
const arm64 = parsePlatform("linux/arm64");
const emulating = ["linux/amd64", "linux/arm64", "linux/riscv64", "linux/386"];

const here: PlannedNode = { name: "b0", fixed: ["linux/amd64"], native: amd64 };
const there: PlannedNode = { name: "server", fixed: ["linux/arm64"], native: arm64 };

function assigned(nodes: readonly PlannedNode[], ...wanted: readonly string[]) {
  const { assignments } = nodePlan(nodes, wanted.map(parsePlatform));
  return assignments.map(
    ({ platform, node, native }) => `${formatPlatform(platform)} ${node} ${native}`,
  );
}

test("each platform goes to the node that is fixed to it, whichever is first", () => {
  const expected = ["linux/amd64 b0 true", "linux/arm64 server true"];
  assert.deepEqual(assigned([here, there], "linux/amd64", "linux/arm64"), expected);
  assert.deepEqual(assigned([there, here], "linux/amd64", "linux/arm64"), expected);
  assert.deepEqual(nodePlan([here, there], [amd64, arm64]).problems, []);
});

test("what is fixed decides alone, until one platform is fixed nowhere", () => {
  assert.ok(isDecided([here, there], [amd64, arm64]));
  assert.ok(!isDecided([here, there], [arm64, parsePlatform("linux/riscv64")]));
  assert.ok(isDecided([here], [arm64]), "one node has no choice");
});

test("one platform that is fixed nowhere sends another to an emulator, and that is said", () => {
  const nodes = [
    { ...here, offered: emulating },
    { ...there, offered: ["linux/arm64"] },
  ];
  const wanted = ["linux/arm64", "linux/riscv64"].map(parsePlatform);
  const plan = nodePlan(nodes, wanted);
  assert.deepEqual(
    plan.assignments.map(({ node }) => node),
    ["b0", "b0"],
  );
  const [warning, ...rest] = nodeWarnings(plan, "b");
  assert.match(warning ?? "", /^linux\/arm64 is built, emulated, on the node b0, though server /);
  assert.deepEqual(rest, []);
  assert.equal(missingPlatformFailure(plan, "b"), undefined);
});

test("trap 4: what no node offers would fall to the first, and is an error", () => {
  const nodes = [
    { ...here, offered: ["linux/amd64", "linux/386"] },
    { ...there, offered: ["linux/arm64"] },
  ];
  const plan = nodePlan(nodes, [parsePlatform("linux/s390x")]);
  const failure = missingPlatformFailure(plan, "b");
  assert.equal(failure?.code, "NODE_PLATFORM_MISSING");
  assert.match(failure.message, /fall to the first, b0; they build for linux\/amd64, .*arm64\.$/);
});

test("nothing is claimed of nodes that were not asked", () => {
  const plan = nodePlan([here, there], [parsePlatform("linux/s390x")]);
  assert.deepEqual(plan.problems, []);
  assert.deepEqual(assigned([{ name: "b0", fixed: [] }], "linux/s390x"), [
    "linux/s390x b0 undefined",
  ]);
});

test("one node that was asked and does not offer it is told as well", () => {
  const only = { name: "b0", fixed: [], offered: ["linux/amd64"] };
  assert.equal(nodePlan([only], [arm64]).problems[0]?.kind, "missing");
  assert.deepEqual(nodePlan([only], [parsePlatform("linux/386")]).problems, []);
});

test("an older variant is served where a newer one is offered, an exact offer first", () => {
  const nodes: readonly PlannedNode[] = [
    { name: "big", fixed: [], offered: ["linux/arm64"] },
    { name: "small", fixed: [], offered: ["linux/arm/v7"] },
    { name: "x86", fixed: [], offered: ["linux/amd64", "linux/amd64/v3"] },
  ];
  assert.deepEqual(assigned(nodes, "linux/arm/v7", "linux/arm/v6", "linux/amd64/v2"), [
    "linux/arm/v7 small undefined",
    "linux/arm/v6 small undefined",
    "linux/amd64/v2 x86 undefined",
  ]);
});

test("a builder without nodes has no plan", () => {
  assert.deepEqual(nodePlan([], [amd64]).assignments, []);
});
