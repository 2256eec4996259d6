/** Waiting that always ends: by the condition, a deadline or the signal. */
import { setTimeout as sleep } from "node:timers/promises";
import { fail, isFailure } from "../errors.ts";

export interface WaitOptions {
  /** What is waited for, as the subject of a sentence: "The container". */
  readonly what: string;
  readonly deadlineMs: number;
  /** First pause between two looks, in milliseconds; it doubles up to {@link mostMs}. Default 25. */
  readonly everyMs?: number;
  /** Longest pause between two looks. Default 250. */
  readonly mostMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Looks until `look` returns something other than `undefined`, and returns that.
 * @throws DEADLINE_PASSED, INTERRUPTED or TERMINATED, or what `look` throws.
 */
export async function waitFor<T>(
  look: () => Promise<T | undefined>,
  options: WaitOptions,
): Promise<T> {
  const end = performance.now() + options.deadlineMs;
  const most = options.mostMs ?? 250;
  let pause = options.everyMs ?? 25;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    const left = end - performance.now();
    if (left <= 0) {
      throw fail("DEADLINE_PASSED", { what: options.what, seconds: options.deadlineMs / 1000 });
    }
    await pauseFor(Math.min(pause, left), options.signal);
    pause = Math.min(pause * 2, most);
  }
}

/** Sleeps that many milliseconds. @throws INTERRUPTED or TERMINATED when the signal comes first. */
export async function pauseFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    const reason: unknown = signal.reason;
    throw isFailure(reason) ? reason : error;
  }
}
