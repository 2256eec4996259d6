/** What is said of a service while it is read: what stands against a deploy, what may surprise, and what is good to know. */
import type { Problem, Way } from "../problem.ts";

export interface Remark extends Problem {
  readonly kind: "problem" | "warning" | "note";
}

/** What a part of a service comes to. */
export interface Reading<Value> {
  readonly value: Value;
  readonly remarks: readonly Remark[];
}

/** Why the service cannot be deployed as it stands there. */
export function problem(way: Way, text: string): Remark {
  return { kind: "problem", way, at: "value", text };
}

/** What is left out, or done in another way. */
export function warning(way: Way, text: string): Remark {
  return { kind: "warning", way, at: "key", text };
}

export function note(way: Way, text: string): Remark {
  return { kind: "note", way, at: "key", text };
}

/** The values and the remarks of several, one after the other. */
export function together<Value>(
  readings: readonly Reading<readonly Value[]>[],
): Reading<readonly Value[]> {
  return {
    value: readings.flatMap(({ value }) => value),
    remarks: readings.flatMap(({ remarks }) => remarks),
  };
}
