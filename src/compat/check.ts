/** One of the seven categories, and how it ended. */

export const checkIds = [
  "image-architecture",
  "startup",
  "runtime-architecture",
  "process-execution",
  "network",
  "health",
  "resources",
] as const;

export type CheckId = (typeof checkIds)[number];

export interface Check {
  readonly id: CheckId;
  readonly status: "pass" | "fail" | "skip";
  /** One line, or several where there are last words to show. */
  readonly detail: string;
  readonly ms: number;
}

export type Outcome = Pick<Check, "status" | "detail">;

export const pass = (detail: string): Outcome => ({ status: "pass", detail });
export const failed = (detail: string): Outcome => ({ status: "fail", detail });
export const skip = (detail: string): Outcome => ({ status: "skip", detail });

/** Carries a check out and times it. */
export async function timed(id: CheckId, work: () => Promise<Outcome> | Outcome): Promise<Check> {
  const started = performance.now();
  const { status, detail } = await work();
  return { id, status, detail, ms: Math.round(performance.now() - started) };
}

/** A category that was not looked at. */
export function skipped(id: CheckId, reason: string): Check {
  return { id, status: "skip", detail: reason, ms: 0 };
}

/** A skip is not a pass, and no failure either: what counts is that nothing failed. */
export function verdictOf(checks: readonly Check[]): "passed" | "failed" {
  return checks.some(({ status }) => status === "fail") ? "failed" : "passed";
}
