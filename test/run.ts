/**
 * `npm test`: the unit tests, those that read what costs most, then the end-to-end tests on every engine that can be
 * brought up here.
 * Where none can (no root, not Debian or Ubuntu) the end-to-end tests are skipped, counted and named.
 *
 *     npm test                                   everything
 *     npm test -- --unit                         the unit tests alone, without those that take long
 *     npm test -- --engine classic setup build   two end-to-end files on one engine
 *     npm test -- --engine classic deploy --name undone    those of its tests whose names say that
 */
import { glob } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type BenchEngine, bringUpBench } from "../provision/bench.ts";
import { buildDistribution } from "../scripts/checkout.js";
import { inParallel } from "../src/process/parallel.ts";
import { type Group, runGroup, type Totals } from "./group.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    unit: { type: "boolean" },
    engine: { type: "string", multiple: true },
    name: { type: "string" },
  },
});

/** Folders whose tests share a process: one for each of their many files would take longer than the tests themselves. */
const sharing = {
  "pure unit tests": [
    "binary",
    "build",
    "build-context",
    "builder",
    "compat",
    "dockerfile",
    "engine",
    "image",
    "lint",
    "oci",
    "platform",
    "report",
    "server",
    "setup",
    "shell",
    "verify",
  ],
  "unit tests of what is read, stored and sent": [
    "config",
    "deploy",
    "filesystem",
    "probe",
    "registry",
    "ship",
    "store",
  ],
} as const;

/** They read hundreds of megabytes, or send gigabytes: too long for what runs before each commit. */
const memoryFiles = ["test/filesystem/*.test.ts", "test/ship/*.test.ts"];

/** They start programs by the dozen, wait, or are hostile at length: too long for that as well, while `npm test` runs them with the others. */
const longFiles: ReadonlySet<string> = new Set([
  "src/cli/lint.test.ts",
  "src/cli/project.test.ts",
  "src/config/config.test.ts",
  "src/cli/deploying.test.ts",
  "src/deploy/operation.test.ts",
  "src/deploy/settings.test.ts",
  "src/deploy/watchdog/bake.test.ts",
  "src/deploy/watchdog/clock.test.ts",
  "src/deploy/watchdog/events.test.ts",
  "src/deploy/watchdog/gate.test.ts",
  "src/deploy/watchdog/lock.test.ts",
  "src/deploy/watchdog/main.test.ts",
  "src/deploy/watchdog/network.test.ts",
  "src/deploy/watchdog/record.test.ts",
  "src/deploy/watchdog/state.test.ts",
  "src/filesystem/layer.test.ts",
  "src/filesystem/rooms.test.ts",
  "src/filesystem/tree.test.ts",
  "src/lint/hostile.test.ts",
  "src/process/frames.test.ts",
  "src/process/guard.test.ts",
  "src/process/remote-shell.test.ts",
  "src/process/ssh-identity.test.ts",
  "src/registry/push.test.ts",
  "src/registry/upload.test.ts",
  "src/server/server.test.ts",
  "src/ship/archive/archive.test.ts",
  "src/ship/archive/destination.test.ts",
  "src/ship/endpoint/blob.test.ts",
  "src/ship/endpoint/endpoint.test.ts",
  "src/ship/endpoint/fuzz.test.ts",
  "src/ship/endpoint/server.test.ts",
  "src/ship/scripts.test.ts",
  "src/store/names.test.ts",
  "src/store/removal.test.ts",
  "test/deployment-scripts.test.ts",
]);

/** Minutes; whatever has not ended by then has failed, and what was running is named. */
const groupMinutes = 15;
const engineMinutes = 60;

/** What node compiles and strips of types in one process, the others take from there. */
const compiled = { NODE_COMPILE_CACHE: path.join(root, "node_modules", ".cache", "node") };

/** Of the whole run: its groups are ended, and then the engines, however often it is asked. */
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => interruption.abort());

process.exitCode = (await main()) ? 0 : 1;

async function main(): Promise<boolean> {
  const runs: Totals[] = [];
  if (positionals.length === 0) {
    runs.push(...(await runUnitTests()));
  }
  if (values.unit !== true) {
    if (positionals.length === 0) {
      const prefix = [process.execPath];
      runs.push(await run({ title: "memory tests", prefix, files: memoryFiles, env: compiled }));
    }
    runs.push(...(await runEndToEnd()));
  }
  const sum = (key: keyof Totals) => runs.reduce((total, one) => total + one[key], 0);
  const failed = sum("failed") + sum("cancelled");
  process.stdout.write(`\n${sum("passed")} passed, ${failed} failed, ${sum("skipped")} skipped\n`);
  return failed === 0;
}

async function runUnitTests(): Promise<readonly Totals[]> {
  const all = await unitFiles();
  const files = values.unit === true ? all.filter((file) => !longFiles.has(file)) : all;
  const together = Object.entries(sharing).map(([title, folders]) => {
    const own = files.filter((file) => folders.some((one) => file.startsWith(`src/${one}/`)));
    return { title, flags: ["--test-isolation=none"], own };
  });
  const shared = new Set(together.flatMap(({ own }) => own));
  const rest = files.filter((file) => !shared.has(file));
  const groups = [...together, { title: "unit tests", flags: ["--test-concurrency=4"], own: rest }];
  return await Promise.all(
    groups.map(
      async ({ title, flags, own }) =>
        await run({ title, prefix: [process.execPath, ...flags], files: own, env: compiled }),
    ),
  );
}

async function unitFiles(): Promise<readonly string[]> {
  const patterns = ["src/**", "provision/**", "bench", "test", "test/load"].map(
    (at) => `${at}/*.test.ts`,
  );
  const found: string[] = [];
  for await (const file of glob(patterns, { cwd: root })) found.push(file);
  return found.toSorted();
}

async function runEndToEnd(): Promise<readonly Totals[]> {
  // What users have is tried, and it starts in a third of the time that its sources take.
  await buildDistribution();
  const files =
    positionals.length === 0
      ? ["test/end-to-end/*.test.ts"]
      : positionals.map((name) => `test/end-to-end/${path.basename(name, ".test.ts")}.test.ts`);
  const bench = await bringUpBench({
    report,
    signal: interruption.signal,
    ...(values.engine === undefined ? {} : { only: values.engine }),
  });
  if (bench.outcome === "cannot") {
    report(`No engine for the end-to-end tests: ${bench.reason}`);
    const title = "end-to-end tests without an engine";
    return [await run({ title, prefix: [process.execPath], files, env: {} })];
  }
  try {
    // All engines at once: half of the time their tests wait.
    return await inParallel(bench.engines, bench.engines.length, async (engine) => {
      // One file after the other: they share an engine, and one of them cleans it.
      const named = values.name === undefined ? [] : [`--test-name-pattern=${values.name}`];
      const prefix = [...engine.inside, process.execPath, "--test-concurrency=1", ...named];
      const title = `end-to-end tests on ${engine.name}`;
      return await run({ title, prefix, files, env: environment(engine), minutes: engineMinutes });
    });
  } finally {
    await bench.down();
  }
}

/** What `test/end-to-end/engine.ts` reads. */
function environment(engine: BenchEngine): Record<string, string> {
  const { name, imageStore, buildkitImage, baseLayout, provisioned } = engine;
  const described = { name, imageStore, buildkitImage, baseLayout, provisioned };
  return {
    ...engine.env,
    TRANSSHIP_TEST_ENGINE: JSON.stringify(described),
  };
}

async function run(
  group: Omit<Group, "minutes" | "root" | "signal"> & Partial<Pick<Group, "minutes">>,
): Promise<Totals> {
  return await runGroup({ minutes: groupMinutes, ...group, root, signal: interruption.signal });
}

function report(line: string): void {
  process.stdout.write(`# ${line}\n`);
}
