/** Which threads of this process come first. */
import { readdir, readFile } from "node:fs/promises";
import { constants, getPriority, setPriority } from "node:os";
import path from "node:path";

/** The names that libuv and V8 give to the threads that work for the main one. */
const helpers = /^(libuv-worker|V8Worker)$/;

/** A tenth of the main thread's weight where both want a core, all of it where it does not (sched(7), "The nice value"). */
const lower = 10;

/**
 * Lets the main thread come before those that unpack, compile and collect garbage for it: it hands them their work, and where it
 * waits for a core they soon wait for it. Only Linux has priorities of threads (setpriority(2), "C library/kernel differences").
 */
export async function preferMainThread(): Promise<void> {
  const tasks = "/proc/self/task";
  // Reading the directory is the first work that libuv's threads get, if they have had none: they are all there then.
  const threads = await readdir(tasks).catch(() => []);
  for (const thread of threads) {
    try {
      const name = await readFile(path.join(tasks, thread, "comm"), "utf8");
      if (helpers.test(name.trim())) lowerPriority(Number(thread));
    } catch {
      // It has ended, or may not be changed: then it stays as it is.
    }
  }
}

function lowerPriority(thread: number): void {
  setPriority(thread, Math.min(getPriority(thread) + lower, constants.priority.PRIORITY_LOW));
}
