/** One part of the system, tried on this machine. */
import { type ErrorCode, isFailure } from "../errors.ts";

export interface Component {
  /** `engine`, `builder`, `build`, `verify`, `test`, `cleanup`. */
  readonly id: string;
  /** The platform that it was tried for, where it is one's. */
  readonly platform?: string;
  readonly status: "pass" | "fail" | "skip";
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string;
  readonly ms: number;
}

export type Tried = Pick<Component, "status" | "detail" | "fix">;

const endings: ReadonlySet<ErrorCode> = new Set(["INTERRUPTED", "TERMINATED"]);

/** Tries a component: an expected failure is its result, and so it does not end the others. */
export async function tryComponent(
  named: Pick<Component, "id" | "platform">,
  work: () => Promise<Tried>,
): Promise<Component> {
  const started = performance.now();
  const tried = await work().catch((error: unknown): Tried => {
    // What the user or a bug of ours has ended is no component's failure.
    if (!isFailure(error) || endings.has(error.code)) throw error;
    return { status: "fail", detail: `${error.code}: ${error.message}`, fix: error.hint };
  });
  return { ...named, ...tried, ms: Math.round(performance.now() - started) };
}

/** A component that rests on one that failed. */
export function notTried(named: Pick<Component, "id" | "platform">, reason: string): Component {
  return { ...named, status: "skip", detail: reason, ms: 0 };
}
