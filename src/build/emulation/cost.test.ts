import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDockerfile } from "../../dockerfile/syntax.ts";
import { parsePlatform } from "../../platform/platform.ts";
import { identify } from "../origin.ts";
import { BuildProgress } from "../progress/progress.ts";
import { programSteps, targetStages } from "../stages.ts";
import { withCost } from "./cost.ts";

const native = parsePlatform("linux/amd64");
const lines = [
  "FROM debian:12 AS build",
  "RUN one $TARGETARCH",
  "COPY . .",
  "RUN two",
  "FROM build",
];
const targets = targetStages({
  dockerfile: parseDockerfile([...lines, "RUN three"].join("\n")),
  request: { platforms: [parsePlatform("linux/arm64")] },
  options: {},
  env: {},
  native,
});

/** The steps that BuildKit told of, each with how long it took in milliseconds; a cached one took nothing. */
function told(steps: readonly (readonly [string, number | "cached"])[]) {
  const progress = new BuildProgress({
    identify: (name) => identify(name, { native, targets }),
    log: { write() {}, async close() {} },
    report() {},
    isRaw: false,
  });
  const run = progress.begin();
  for (const [name, ms] of steps) {
    const times =
      ms === "cached"
        ? { cached: true, started: new Date(0), completed: new Date(0) }
        : { started: new Date(0), completed: new Date(ms) };
    run.line(JSON.stringify({ vertexes: [{ digest: name, name, ...times }] }));
  }
  return progress.steps;
}

test("steps and instructions are matched by their order in the stage, whatever their names became", () => {
  const known = told([
    ["[build 4/4] RUN two", 200],
    ["[build 2/4] RUN one arm64", 100],
    ["[build 3/4] COPY . .", 50],
    ["[build 1/4] ONBUILD RUN zero", 10],
    ["[stage-1 1/1] RUN three", "cached"],
  ]);
  const costs = withCost(programSteps(targets), known).map(({ step, ms }) => [
    step.instruction.text,
    ms,
  ]);
  assert.deepEqual(costs, [
    ["one $TARGETARCH", 100],
    ["two", 200],
    ["three", undefined],
  ]);
});
