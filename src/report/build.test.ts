import assert from "node:assert/strict";
import { test } from "node:test";
import type { BuildResult } from "../build/build.ts";
import { buildText } from "./build.ts";
import { plain } from "./style.ts";

/** What is said of a build whose one emulated step took that long, in milliseconds. */
function said(ms: number, more: Partial<BuildResult> = {}): readonly string[] {
  const step = {
    name: "[2/2] RUN  make",
    platform: "linux/arm64",
    emulated: true,
    cached: false,
    ms,
  };
  const result: BuildResult = {
    image: "app:1",
    outcome: "built",
    verdict: "proven",
    platforms: [],
    loaded: [],
    checks: [],
    steps: [step, { ...step, name: "[1/2] RUN cached", cached: true }],
    emulation: { steps: 1, ms, buildMs: 40_000, unknown: 0 },
    store: "/store",
    ...more,
  };
  return buildText(result, plain).split("\n").slice(0, -1);
}

test("the ledger has each step that ran emulated, and the way out where that cost something", () => {
  const [head, step, way, ...rest] = said(30_000);
  assert.equal(head, "Emulated: 1 step, 30.0 s of the build's 40.0 s (75 %)");
  assert.equal(step, "    30.0 s  [2/2] RUN make");
  assert.match(way ?? "", /--explain-emulation --dry-run$/);
  assert.deepEqual(rest, []);
  assert.equal(said(1000).length, 2);
});

test("what is explained needs no word on how to have it explained", () => {
  const explanation = { advices: [], dockerfile: "" };
  assert.ok(!said(30_000, { explanation }).some((line) => line.includes("--explain-emulation")));
});

test("nothing emulated is said, and what nobody knows is counted", () => {
  const known = { steps: 0, ms: 0, buildMs: 9, unknown: 0 };
  assert.deepEqual(said(0, { emulation: known }), ["Nothing ran emulated."]);
  assert.deepEqual(said(0, { emulation: { ...known, unknown: 2 } }), [
    "Of 2 more steps nobody can say how they ran.",
  ]);
});
