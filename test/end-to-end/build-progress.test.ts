/** What a build tells of its steps, held against BuildKit's own record of it. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import { execa } from "execa";
import * as z from "zod";
import { buildRecord, hasHistory } from "../../provision/record.ts";
import { createStatusReader } from "../../src/engine/progress.ts";
import {
  baseFlags,
  directory,
  engineTest,
  ensureBuilder,
  type TestEngine,
  transship,
} from "./engine.ts";

const document = z.object({
  steps: z.array(
    z.object({
      name: z.string(),
      platform: z.string().nullable(),
      emulated: z.boolean().nullable(),
      cached: z.boolean(),
      ms: z.number(),
    }),
  ),
  emulation: z.object({
    steps: z.number(),
    ms: z.number(),
    buildMs: z.number(),
    unknown: z.number(),
  }),
  log: z.string(),
});
const failed = z.object({
  error: z.object({ code: z.string(), facts: z.looseObject({ log: z.string() }) }),
});

/** A native stage that compiles, and a foreign one that runs what came of it. */
const dockerfile = [
  "FROM --platform=$BUILDPLATFORM debian:bookworm-slim AS build",
  "ARG TARGETARCH",
  "RUN sleep 0.4; echo native $TARGETARCH | tee /out",
  "FROM debian:bookworm-slim",
  "COPY --from=build /out /",
  "RUN sleep 0.7; echo emulated; printf 'no end of line'",
].join("\n");

async function bench(engine: TestEngine, context: TestContext, text = dockerfile) {
  await ensureBuilder(engine);
  const sources = await directory(context, { Dockerfile: text });
  const cache = await directory(context);
  const flags = ["-i", "transship-test-progress", "-c", sources, "--no-load", ...baseFlags(engine)];
  const build = async (...more: readonly string[]) =>
    await transship(["build", ...flags, ...more], { env: { XDG_CACHE_HOME: cache } });
  return { build, sources, cache };
}

const ask = async (args: readonly string[]) => await execa("docker", args);

engineTest(
  "the ledger agrees with BuildKit's own record to 5 %, of one platform and of two",
  async (engine, context) => {
    if (engine.name === "classic") return context.skip("the image store is not asked");
    const isRecorded = await hasHistory(ask);
    for (const platforms of ["linux/arm64", "linux/amd64,linux/arm64"]) {
      const { build, sources } = await bench(engine, context);
      const ended = await build("--json", "--no-cache", "--platform", platforms);
      assert.equal(ended.exitCode, 0, ended.stderr);
      const { steps, emulation } = document.parse(JSON.parse(ended.stdout));
      const emulated = steps.filter((step) => step.emulated === true);
      assert.deepEqual(
        emulated.map(({ name, platform }) => [name.replace(/^.*\] /, ""), platform]),
        [["RUN sleep 0.7; echo emulated; printf 'no end of line'", "linux/arm64"]],
      );
      const native = steps.filter(({ name }) => name.includes("RUN sleep 0.4"));
      assert.ok(
        native.every((step) => step.emulated === false && step.platform === "linux/amd64"),
        JSON.stringify(native),
      );
      assert.equal(emulation.steps, 1);
      assert.equal(emulation.unknown, 0);
      assert.ok(emulation.ms >= 700 && emulation.ms < emulation.buildMs);
      if (!isRecorded) continue;
      const record = await buildRecord("multiarch-builder", path.basename(sources), ask);
      assertNear(emulation.buildMs, record.totalMs, "the whole build");
      for (const { name, ms } of [...emulated, ...native]) {
        assertNear(ms, record.steps.get(name) ?? Number.NaN, name);
      }
    }
  },
);

function assertNear(actual: number, expected: number, what: string): void {
  const isNear = Math.abs(actual - expected) <= Math.max(0.05 * expected, 1);
  assert.ok(isNear, `${what}: ${actual} ms here, ${expected} ms in BuildKit's record`);
}

engineTest("what is cached did not run emulated", async (engine, context) => {
  const { build } = await bench(engine, context);
  await build("--platform", "linux/arm64");
  const { stdout } = await build("--platform", "linux/arm64", "--json");
  const { steps, emulation } = document.parse(JSON.parse(stdout));
  assert.equal(emulation.steps, 0);
  const last = steps.findLast(({ name }) => name.includes("RUN"));
  assert.deepEqual([last?.cached, last?.emulated], [true, true]);
});

engineTest(
  "every line of a build is in its log, which the last line names",
  async (engine, context) => {
    const { build } = await bench(engine, context);
    const ended = await build("--platform", "linux/arm64", "--no-cache", "--progress", "quiet");
    const file = /^Log: (.+)$/.exec(ended.stdout.split("\n").at(-1) ?? "")?.[1] ?? "";
    const log = await readFile(file, "utf8");
    for (const line of [/^#\d+ \d+\.\d+ native arm64$/m, /^#\d+ \d+\.\d+ no end of line$/m])
      assert.match(log, line);
    assert.match(log, /^#\d+ .* RUN sleep 0\.7.*\(emulated\)$/m);
    assert.doesNotMatch(ended.stderr, /^#\d/m, "--progress quiet shows no step");
  },
);

engineTest(
  "a failing build names its log last, and the log has buildx's error",
  async (engine, context) => {
    const text = "FROM debian:bookworm-slim\nRUN echo before && exit 3\n";
    const { build } = await bench(engine, context, text);
    const ended = await build("--json");
    assert.equal(ended.exitCode, 1, ended.stderr);
    const { error } = failed.parse(JSON.parse(ended.stdout));
    assert.equal(error.code, "BUILD_STEP_FAILED");
    assert.ok(ended.stderr.trimEnd().endsWith(`The whole log: ${error.facts.log}`), ended.stderr);
    const log = await readFile(error.facts.log, "utf8");
    assert.match(log, /^#\d+ \d+\.\d+ before$/m);
    assert.match(log, /^ERROR: .*exit code: 3$/m);
  },
);

engineTest(
  "--progress rawjson hands on what buildx writes for programs",
  async (engine, context) => {
    const { build } = await bench(engine, context);
    const ended = await build("--progress", "rawjson");
    const read = createStatusReader();
    const found = ended.stderr.split("\n").map((line) => read(line));
    const names = found.flatMap((one) =>
      one === undefined || "text" in one ? [] : one.vertexes.map(({ name }) => name),
    );
    assert.ok(
      names.some((name) => name.includes("RUN sleep 0.7")),
      ended.stderr,
    );
  },
);
