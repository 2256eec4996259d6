/** Paired measurements, of time or of memory: two commands in turn, A B A B …, so that a machine whose speed drifts drifts for both. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

export interface Run {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What standard input is; nothing where none is given. */
  readonly input?: string;
  /** Runs before each timed run, untimed: what puts the world back. */
  readonly before?: () => Promise<void>;
}

/** What one run of a command gives: {@link timed} or {@link peakMemory}. */
export type Measure = (run: Run, signal: AbortSignal) => Promise<number>;

export interface Paired {
  /** Milliseconds (or bytes, by the measure), one a run, in order. */
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

export interface Rounds {
  readonly rounds: number;
  /** Runs of each that do not count, first; default 1. */
  readonly warmUps?: number;
  /** Default {@link timed}. */
  readonly measure?: Measure;
  readonly signal: AbortSignal;
}

const deadlineMs = 10 * 60_000;

/** Runs `ours` and `theirs` in turn. @throws when one of them fails. */
export async function pairedRuns(
  ours: Run,
  theirs: Run,
  { rounds, warmUps = 1, measure = timed, signal }: Rounds,
): Promise<Paired> {
  const times: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let round = -warmUps; round < rounds; round++) {
    const mine = await measure(ours, signal);
    const other = await measure(theirs, signal);
    if (round < 0) continue;
    times.ours.push(mine);
    times.theirs.push(other);
  }
  return times;
}

/** Runs a command that has no peer. @throws when it fails. */
export async function runs(
  run: Run,
  { rounds, warmUps = 1, measure = timed, signal }: Rounds,
): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = -warmUps; round < rounds; round++) {
    const took = await measure(run, signal);
    if (round >= 0) times.push(took);
  }
  return times;
}

/** Milliseconds of one whole process, from its start to its exit. @throws with its last words when it fails. */
export async function timed(
  { argv, env, cwd, before, input }: Run,
  signal: AbortSignal,
): Promise<number> {
  await before?.();
  const [program = "", ...args] = argv;
  const started = performance.now();
  const child = spawn(program, args, {
    stdio: [input === undefined ? "ignore" : "pipe", "ignore", "pipe"],
    env: { ...process.env, ...env },
    signal,
    timeout: deadlineMs,
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (input !== undefined) child.stdin?.end(input);
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  const code = await exitCode(child);
  const took = performance.now() - started;
  if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${String(code)}:\n${said}`);
  return took;
}

/** Debian's package `time`; a shell's own word of that name knows nothing of memory. */
export const gnuTime = "/usr/bin/time";

/**
 * Bytes of the most memory that one whole process had resident, by GNU time (`ru_maxrss` of wait4(2)). Linux counts for a process
 * what it was before exec(2) too, and that would be this one: with time between them it is a program of two megabytes.
 * @throws with the last words when it fails
 */
export async function peakMemory(run: Run, signal: AbortSignal): Promise<number> {
  const directory = await mkdtemp(path.join(tmpdir(), "transship-bench-"));
  const output = path.join(directory, "kibibytes");
  try {
    const argv = [gnuTime, "--format=%M", `--output=${output}`, ...run.argv];
    await timed({ ...run, argv }, signal);
    return Number(await readFile(output, "utf8")) * 1024;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 0 ? (low + high) / 2 : high;
}

/** What each pair makes of its two times, in order. */
export function ofPairs(
  { ours, theirs }: Paired,
  combine: (mine: number, other: number) => number,
): readonly number[] {
  return ours.map((mine, round) => combine(mine, theirs[round] ?? Number.NaN));
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  return await new Promise((resolve, reject) => {
    child.once("error", reject).once("exit", resolve);
  });
}
