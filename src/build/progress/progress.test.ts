import assert from "node:assert/strict";
import { test } from "node:test";
import type { SolveStatus } from "../../engine/progress.ts";
import { parsePlatform } from "../../platform/platform.ts";
import type { ReportEvent } from "../../process/report.ts";
import { createTaskLines } from "../../process/task.ts";
import { parseDockerfile } from "../../dockerfile/syntax.ts";
import { identify } from "../origin.ts";
import { targetStages } from "../stages.ts";
import { buildSteps, emulationLedger } from "./ledger.ts";
import { BuildProgress } from "./progress.ts";

const native = parsePlatform("linux/amd64");
const dockerfile = parseDockerfile("FROM debian:12 AS build\nFROM build\n");
const request = { platforms: [parsePlatform("linux/arm64")] };
const stages = { dockerfile, request, options: { target: "build" }, env: {}, native };
const surroundings = { native, targets: targetStages(stages) };

/** Milliseconds after the build began, as BuildKit writes them. */
const at = (ms: number) => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();

interface Told {
  readonly name: string;
  readonly from?: number;
  readonly to?: number;
  readonly cached?: boolean;
  readonly error?: string;
}

/** A line of rawjson about one step; its name stands in for its digest. */
function vertex({ name, from, to, cached, error }: Told): string {
  const started = from === undefined ? {} : { started: at(from) };
  const completed = to === undefined ? {} : { completed: at(to) };
  return status({ vertexes: [{ digest: name, name, cached, error, ...started, ...completed }] });
}

function log(name: string, ms: number, text: string, stream = 1): string {
  const data = Buffer.from(text).toString("base64");
  return status({ logs: [{ vertex: name, stream, data, timestamp: at(ms) }] });
}

function count(name: string, id: string, current: number, total = 0, done = false): string {
  const completed = done ? { completed: at(1_500) } : {};
  return status({ statuses: [{ id, vertex: name, current, total, started: at(0), ...completed }] });
}

const status = (document: Readonly<Record<keyof SolveStatus, unknown>> | object) =>
  JSON.stringify(document);

/** What a build tells of those lines, run by run. */
function follow(...runs: readonly (readonly string[])[]) {
  const kept: string[] = [];
  const events: ReportEvent[] = [];
  const progress = new BuildProgress({
    identify: (name) => identify(name, surroundings),
    log: { write: (line) => kept.push(line), close: async () => {} },
    report: (event) => events.push(event),
    isRaw: false,
  });
  const words = runs.map((lines) => {
    const run = progress.begin();
    for (const line of lines) run.line(line);
    run.end();
    return { words: run.words(), failed: run.steps.failedIn(run.words()) };
  });
  const lines = createTaskLines();
  const told = events.flatMap((event) =>
    event.kind === "task" || event.kind === "task-output" ? lines(event) : [],
  );
  return { progress, kept, events, told, words };
}

const make = "[build 2/2] RUN make";
const copy = "[build 1/2] COPY . .";

test("steps are told as they run, numbered as they begin, with what their programs print", () => {
  const { told, kept } = follow([
    // BuildKit tells of all steps before it begins the first.
    vertex({ name: make }),
    vertex({ name: copy }),
    vertex({ name: copy, from: 0 }),
    vertex({ name: copy, from: 0, to: 100 }),
    vertex({ name: make, from: 100 }),
    log(make, 350, "cc -c a.c\ncc"),
    log(make, 600, " -c b.c\n"),
    log(make, 700, "warning", 2),
    vertex({ name: make, from: 100, to: 2_600 }),
  ]);
  assert.deepEqual(told, [
    "#1 [build 1/2] COPY . .",
    "#1 DONE 0.1s",
    "#2 [build 2/2] RUN make (emulated)",
    "#2 0.250 cc -c a.c",
    "#2 0.500 cc -c b.c",
    "#2 0.600 warning",
    "#2 DONE 2.5s",
  ]);
  assert.deepEqual(kept, told, "and the log has every line of it");
});

test("a step that is put aside and taken up again is one step, and its times add up", () => {
  const base = "[internal] load metadata for docker.io/library/debian:12";
  const { progress, told } = follow([
    vertex({ name: base, from: 0, to: 0.02 }),
    vertex({ name: base, from: 50 }),
    vertex({ name: base, from: 50, to: 450 }),
  ]);
  assert.deepEqual(told, [`#1 ${base}`, "#1 DONE 0.4s"]);
  assert.equal(Math.round(progress.steps[0]?.task.ms ?? 0), 400);
});

test("what is transferred is counted in bytes, and told when it is complete", () => {
  const pull = "[build 1/2] FROM docker.io/library/debian:12";
  const { events, told } = follow([
    vertex({ name: pull, from: 0 }),
    count(pull, "sha256:a", 10_000_000, 40_000_000),
    count(pull, "sha256:b", 2_000_000),
    count(pull, "sha256:a", 40_000_000, 40_000_000, true),
  ]);
  const tasks = events.flatMap((event) => (event.kind === "task" ? [event.task] : []));
  assert.deepEqual(tasks.at(-2)?.bytes, { current: 12_000_000, total: 42_000_000 });
  assert.deepEqual(told.at(-1), "#1 sha256:a 40.0 MB 1.5s done");
});

test("the step that failed is told apart from those that were cancelled with it", () => {
  const { words, told } = follow([
    vertex({ name: copy, from: 0 }),
    vertex({ name: make, from: 0 }),
    log(make, 10, "make: *** Stop."),
    vertex({ name: copy, from: 0, to: 20, error: "context canceled" }),
    vertex({ name: make, from: 0, to: 20, error: "exit code: 2" }),
    "Dockerfile:3",
    "ERROR: failed to solve: exit code: 2",
  ]);
  assert.equal(words[0]?.failed?.name, make);
  assert.equal(words[0].words, "Dockerfile:3\nERROR: failed to solve: exit code: 2\n");
  assert.deepEqual(told.slice(-3), [
    "#1 CANCELED",
    "#2 0.010 make: *** Stop.",
    "#2 ERROR: exit code: 2",
  ]);
});

test("nothing that buildx says is lost: other text and warnings are in the log too", () => {
  const short = Buffer.from("MaintainerDeprecated: … (line 4)").toString("base64");
  const warning = status({ warnings: [{ vertex: "v", short }] });
  const { kept, events } = follow([warning, warning, "WARN: something", ""]);
  assert.deepEqual(kept, ["warning: MaintainerDeprecated: … (line 4)", "WARN: something", ""]);
  assert.equal(events.filter(({ kind }) => kind === "warning").length, 1);
});

test("the ledger: what ran emulated, how long, and of how much", () => {
  const { progress } = follow([
    vertex({ name: copy, from: 0, to: 1_000 }),
    vertex({ name: make, from: 1_000, to: 4_000 }),
    vertex({ name: "[build 2/2] RUN lint", from: 2_000, to: 5_000 }),
    vertex({ name: "[linux/amd64->arm64 cross 1/1] RUN go build", from: 0, to: 5_000 }),
    vertex({ name: "[build 2/3] RUN apt-get update", from: 0, to: 0, cached: true }),
    vertex({ name: "exporting to oci image format", from: 5_000, to: 10_000 }),
  ]);
  assert.deepEqual(emulationLedger(progress.steps, progress.workedMs), {
    steps: 2,
    // Those two ran side by side for two seconds.
    ms: 4_000,
    buildMs: 10_000,
    unknown: 0,
  });
  assert.deepEqual(
    buildSteps(progress.steps).map(({ name, platform, emulated, cached, ms }) => [
      name.replace(/^.*\] /, ""),
      platform,
      emulated,
      cached,
      ms,
    ]),
    [
      ["COPY . .", "linux/arm64", false, false, 1_000],
      ["RUN make", "linux/arm64", true, false, 3_000],
      ["RUN lint", "linux/arm64", true, false, 3_000],
      ["RUN go build", "linux/amd64", false, false, 5_000],
      ["RUN apt-get update", "linux/arm64", true, true, 0],
      ["exporting to oci image format", null, false, false, 5_000],
    ],
  );
});

test("a second run of the same build adds what is new, and takes nothing away", () => {
  const { progress, told } = follow(
    [vertex({ name: make, from: 0, to: 3_000 })],
    [
      vertex({ name: make, from: 4_000, to: 4_000, cached: true }),
      vertex({ name: copy, from: 4_000, to: 5_000 }),
    ],
  );
  assert.deepEqual(
    progress.steps.map(({ step, task }) => [step.name, task.state]),
    [
      [make, "done"],
      [copy, "done"],
    ],
  );
  assert.equal(progress.workedMs, 4_000);
  assert.ok(told.includes("#2 CACHED"), told.join("\n"));
});

test("a step that another build began counts from the begin of this one", () => {
  const { progress } = follow([
    vertex({ name: "[internal] load build definition from Dockerfile", from: 60_000 }),
    vertex({ name: make, from: 0, to: 61_000 }),
    vertex({ name: "resolving provenance for metadata file", from: 61_000, to: 90_000 }),
  ]);
  const { ms, buildMs } = emulationLedger(progress.steps, progress.workedMs);
  assert.deepEqual([ms, buildMs], [1_000, 1_000]);
});
