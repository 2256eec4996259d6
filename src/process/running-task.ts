/** A part of long work that tells of itself while it runs. */
import type { Report } from "./report.ts";
import type { Task } from "./task.ts";

export interface RunningTask extends Pick<Task, "number" | "title" | "isMain"> {
  /** How many bytes there are to go through. */
  readonly total: number;
}

/** Terminals are drawn no more often. */
const everyMs = 100;

/**
 * Does the work as that task: it is told when it begins and ends, and now and then between as the work counts the bytes that it has
 * gone through. @throws what the work throws
 */
export async function runTask<Result>(
  { total, ...about }: RunningTask,
  work: (count: (bytes: number) => void) => Promise<Result>,
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Promise<Result> {
  const started = performance.now();
  let current = 0;
  let told = started;
  const tell = (changed: Pick<Task, "state" | "error">) => {
    told = performance.now();
    const task = { ...about, ...changed, ms: told - started, bytes: { current, total } };
    report({ kind: "task", task });
  };
  tell({ state: "running" });
  try {
    const result = await work((bytes) => {
      current += bytes;
      if (performance.now() - told >= everyMs) tell({ state: "running" });
    });
    tell({ state: "done" });
    return result;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    tell(signal.aborted ? { state: "cancelled" } : { state: "failed", error: reason });
    throw error;
  }
}
