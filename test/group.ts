/** One run of node's test runner over files of one kind: what it prints, its totals, and its end. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import * as z from "zod";

const totalsSchema = z.object({
  passed: z.number(),
  failed: z.number(),
  cancelled: z.number(),
  skipped: z.number(),
});
export type Totals = z.infer<typeof totalsSchema>;
export const none: Totals = { passed: 0, failed: 0, cancelled: 0, skipped: 0 };

/** One test has failed by then. */
const testMinutes = 5;

export interface Group {
  readonly title: string;
  /** argv in front of the runner's own flags. */
  readonly prefix: readonly string[];
  readonly files: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Of all of them; whatever has not ended by then has failed, and what was running is named. */
  readonly minutes: number;
  /** Of the checkout. */
  readonly root: string;
  /** Ends it before its end. */
  readonly signal: AbortSignal;
}

export async function runGroup({
  title,
  prefix,
  files,
  env,
  minutes,
  root,
  signal,
}: Group): Promise<Totals> {
  if (signal.aborted) return { ...none, cancelled: 1 };
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
    const goOn = endWhen(AbortSignal.any([late, signal]), child, title);
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
    process.stdout.write(`# ${title}: ended before their end\n`);
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
