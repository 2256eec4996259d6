/**
 * `npm test`: the unit tests, those that read what costs most, then the end-to-end tests on every engine that can be
 * brought up here.
 * Where none can (no root, not Debian or Ubuntu) the end-to-end tests are skipped, counted and named.
 *
 *     npm test                                   everything
 *     npm test -- --unit                         the unit tests alone, without those that take long
 *     npm test -- --engine classic setup build   two end-to-end files on one engine
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { glob, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as z from "zod";
import { type BenchEngine, bringUpBench } from "../provision/bench.ts";
import { buildDistribution } from "../scripts/checkout.js";
import { inParallel } from "../src/process/parallel.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const totalsSchema = z.object({
  passed: z.number(),
  failed: z.number(),
  cancelled: z.number(),
  skipped: z.number(),
});
type Totals = z.infer<typeof totalsSchema>;
const none: Totals = { passed: 0, failed: 0, cancelled: 0, skipped: 0 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { unit: { type: "boolean" }, engine: { type: "string", multiple: true } },
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

/** Minutes: one test, and a group of them; whatever has not ended by then has failed, and is named. */
const testMinutes = 5;
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
      runs.push(await runTests("memory tests", [process.execPath], memoryFiles, compiled));
    }
    runs.push(...(await runEndToEnd()));
  }
  const sum = (key: keyof Totals) => runs.reduce((total, run) => total + run[key], 0);
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
        await runTests(title, [process.execPath, ...flags], own, compiled),
    ),
  );
}

async function unitFiles(): Promise<readonly string[]> {
  const patterns = ["src/**", "provision/**", "bench", "test"].map((at) => `${at}/*.test.ts`);
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
    return [await runTests("end-to-end tests without an engine", [process.execPath], files, {})];
  }
  try {
    // All engines at once: half of the time their tests wait.
    return await inParallel(bench.engines, bench.engines.length, async (engine) => {
      // One file after the other: they share an engine, and one of them cleans it.
      const prefix = [...engine.inside, process.execPath, "--test-concurrency=1"];
      const title = `end-to-end tests on ${engine.name}`;
      return await runTests(title, prefix, files, environment(engine), engineMinutes);
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

async function runTests(
  title: string,
  prefix: readonly string[],
  files: readonly string[],
  env: Readonly<Record<string, string>>,
  minutes = groupMinutes,
): Promise<Totals> {
  process.stdout.write(`\n# ${title}\n`);
  const directory = await mkdtemp(path.join(tmpdir(), "transship-totals-"));
  const destination = path.join(directory, "totals.json");
  const [program = process.execPath, ...args] = [
    ...prefix,
    "--test",
    `--test-timeout=${testMinutes * 60_000}`,
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    `--test-reporter=${path.join(root, "test", "totals.ts")}`,
    `--test-reporter-destination=${destination}`,
    ...files,
  ];
  try {
    const child = spawn(program, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...env },
    });
    const late = AbortSignal.timeout(minutes * 60_000);
    const goOn = endWhen(AbortSignal.any([late, interruption.signal]), child, title);
    const [code] = await Promise.all([exitCode(child), tell(child.stdout)]);
    goOn();
    const written = await readFile(destination, "utf8").catch(() => "");
    const totals = written === "" ? none : totalsSchema.parse(JSON.parse(written));
    // A run that failed without a failed test (a file that did not load, a crash) must not look green.
    return code === 0 || totals.failed > 0 ? totals : { ...totals, failed: 1 };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Told to end, node's runner says what was running and ends that as well; what even then holds its output is not waited for.
 * @returns what is called when it has ended by itself
 */
function endWhen(signal: AbortSignal, child: ChildProcess, title: string): () => void {
  const end = () => {
    report(`${title}: ended before their end`);
    child.kill("SIGINT");
    setTimeout(() => {
      child.kill("SIGKILL");
      child.stdout?.destroy();
    }, 20_000).unref();
  };
  signal.addEventListener("abort", end);
  return () => signal.removeEventListener("abort", end);
}

/** Tests as they end, each on its line; what comes after them, totals and failures, in one piece. */
async function tell(output: Readable): Promise<void> {
  const after: string[] = [];
  for await (const line of createInterface({ input: output })) {
    if (after.length > 0 || line.startsWith("ℹ tests ")) after.push(line);
    else process.stdout.write(`${line}\n`);
  }
  process.stdout.write(after.map((line) => `${line}\n`).join(""));
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  return await new Promise((resolve, reject) => {
    child.once("error", reject).once("exit", resolve);
  });
}

function report(line: string): void {
  process.stdout.write(`# ${line}\n`);
}
