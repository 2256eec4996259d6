/** Paired timings: two commands in turn, A B A B …, so that a machine whose speed drifts drifts for both. */
import { type ChildProcess, spawn } from "node:child_process";

export interface Run {
  readonly argv: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Runs before each timed run, untimed: what puts the world back. */
  readonly before?: () => Promise<void>;
}

export interface Paired {
  /** Milliseconds, one a run, in order. */
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** Runs `ours` and `theirs` in turn, after one run of each that does not count. @throws when one of them fails. */
export async function pairedRuns(ours: Run, theirs: Run, rounds: number): Promise<Paired> {
  const times: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let round = -1; round < rounds; round++) {
    const mine = await timed(ours);
    const other = await timed(theirs);
    if (round < 0) continue;
    times.ours.push(mine);
    times.theirs.push(other);
  }
  return times;
}

/** Milliseconds of one whole process, from its start to its exit. @throws with its last words when it fails. */
export async function timed({ argv, env, cwd, before }: Run): Promise<number> {
  await before?.();
  const [program, ...args] = argv;
  const started = performance.now();
  const child = spawn(program, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  const code = await exitCode(child);
  const took = performance.now() - started;
  if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${String(code)}:\n${said}`);
  return took;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 0 ? (low + high) / 2 : high;
}

/** `0.42 (0.40–0.45)` seconds: median, least and most. */
export function seconds(values: readonly number[]): string {
  return `${inSeconds(median(values))} s (${inSeconds(Math.min(...values))}–${inSeconds(Math.max(...values))})`;
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  return await new Promise((resolve, reject) => {
    child.once("error", reject).once("exit", resolve);
  });
}

function inSeconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
