/** The real shells that a server may have as its `sh`, and scripts run in them as they are over ssh. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import type { TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isAlive } from "../../src/process/alive.ts";
import { createFrames, type Frame, type Frames } from "../../src/process/frames.ts";
import { readProcessStat } from "../../src/process/process-stat.ts";
import { waitFor } from "../../src/process/wait.ts";

export interface ShellKind {
  /** As it is typed. */
  readonly words: string;
  /** Why it cannot be tried here, or false. */
  readonly skip: string | false;
}

const all = ["sh", "dash", "bash --posix", "busybox sh", "mksh", "ksh", "yash --posix"];

export const shells: readonly ShellKind[] = all.map((words) => {
  const [program = ""] = words.split(" ");
  const isThere = spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
  return { words, skip: isThere ? false : `there is no ${program} here` };
});

/** The end of each script's output has it; ours are random. */
export const mark = "0123456789abcdef01234567";

export interface RunOptions {
  readonly isWatched?: boolean;
  readonly onLine?: (line: string) => void;
}

export interface Shell {
  readonly child: ChildProcessWithoutNullStreams;
  readonly frames: Frames;
  readonly run: (script: string, options?: RunOptions) => Promise<Frame>;
}

export interface ShellOptions {
  /** What it reads first, as a login shell reads its profile. */
  readonly before?: string;
  /** Bytes in which its output is taken, and its input given; absent: as they come. */
  readonly bytesAtOnce?: number;
}

/** It is killed when the test has ended. */
export function openShell(
  t: TestContext,
  words: string,
  { before = "", bytesAtOnce = Number.POSITIVE_INFINITY }: ShellOptions = {},
): Shell {
  const [program = "sh", ...args] = words.split(" ");
  const child = spawn(program, args, { stdio: "pipe" });
  t.after(() => child.kill("SIGKILL"));
  const frames = createFrames(mark);
  const pieces = (bytes: Buffer) =>
    Array.from({ length: Math.ceil(bytes.length / Math.min(bytesAtOnce, bytes.length)) }, (_, n) =>
      bytes.subarray(n * bytesAtOnce, (n + 1) * bytesAtOnce),
    );
  child.stdout.on("data", (bytes: Buffer) =>
    pieces(bytes).forEach((piece) => frames.stdout(piece)),
  );
  child.stderr.on("data", (bytes: Buffer) =>
    pieces(bytes).forEach((piece) => frames.stderr(piece)),
  );
  child.stdin.on("error", () => {}).write(before);
  const give = async (text: string) => {
    for (const piece of pieces(Buffer.from(text))) {
      child.stdin.write(piece);
      if (bytesAtOnce < text.length) await nextTurn();
    }
  };
  return {
    child,
    frames,
    async run(script, { isWatched = false, onLine } = {}) {
      const frame = await new Promise<Frame>((resolve, reject) => {
        child.once("exit", () => reject(new Error(`${words} has ended: ${frames.lastWords()}`)));
        frames.next({ done: resolve, ...(onLine === undefined ? {} : { onLine }) });
        void give(isWatched ? frames.wrapWatched(script) : frames.wrap(script));
      });
      child.removeAllListeners("exit");
      if (isWatched) await give(frames.release);
      return frame;
    },
  };
}

/** The number of the process that wrote it into that file. */
export async function writtenPid(file: string): Promise<number> {
  return await patiently("the process", async () => {
    const text = await readFile(file, "utf8").catch(() => "");
    return text.endsWith("\n") ? Number(text) : undefined;
  });
}

export async function gone(pid: number): Promise<void> {
  await patiently("the end of the process", async () =>
    isAlive(pid) && !(await isZombie(pid)) ? undefined : true,
  );
}

/** Whether it has ended, and nobody has asked what it came to (proc(5), `/proc/PID/stat`). */
async function isZombie(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return readProcessStat(stat).state === "Z";
}

async function patiently<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const { signal } = new AbortController();
  return await waitFor(look, { what, deadlineMs: 10_000, everyMs: 2, mostMs: 20, signal });
}
