/** Asking again what may succeed later: with growing pauses, a few times, and never past the signal. */
import type { Report } from "../process/report.ts";
import { pauseFor } from "../process/wait.ts";
import { TransientFailure } from "./failure.ts";

export interface Patience {
  /** How often it is tried in all. */
  readonly attempts: number;
  /** The first pause in milliseconds; each later one is twice as long. */
  readonly firstPauseMs: number;
  /** A registry that asks for more time than this has refused. */
  readonly longestPauseMs: number;
  /** Longest silence while something is sent or received, in milliseconds. Default 60,000. */
  readonly silenceMs?: number;
}

export const defaultPatience: Patience = {
  attempts: 5,
  firstPauseMs: 300,
  longestPauseMs: 60_000,
};

export interface RetryOptions {
  readonly patience: Patience;
  readonly signal: AbortSignal;
  readonly report: Report;
}

/** Does the work until it succeeds or fails for good. @throws what the work throws, a transient failure's lasting error */
export async function retrying<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TransientFailure)) throw error;
      await pauseAfter(error, attempt, options);
    }
  }
}

/** Waits after the try of that number has failed. @throws its lasting error when that was the last one, the signal's reason */
export async function pauseAfter(
  failure: TransientFailure,
  attempt: number,
  { patience, signal, report }: RetryOptions,
): Promise<void> {
  const asked = failure.retryAfterMs;
  const pause = asked ?? patience.firstPauseMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
  if (attempt >= patience.attempts || pause > patience.longestPauseMs) throw failure.lasting;
  report({
    kind: "detail",
    text: `${failure.message} Trying again in ${(pause / 1000).toFixed(1)} s.`,
  });
  await pauseFor(pause, signal);
}
