/** What is passed along while a shell's text is gone through. */
import type { Range } from "../dockerfile/range.ts";
import type { Environment } from "./environment.ts";
import type { ShellNode } from "./node.ts";
import type { Machine } from "./machine.ts";
import { type Field, isWritten, type Value } from "./value.ts";

/** A command that is reached. */
export interface Reached {
  /** Its words after their expansions; never empty. */
  readonly fields: readonly Field[];
  /** What it finds in its environment. */
  readonly environment: ReadonlyMap<string, Value>;
  /** Where it starts, as far as `cd` and the like say it; undefined where nobody knows it. */
  readonly directory: string | undefined;
  /** Whether it is reached whatever is not known; else it may be. */
  readonly isCertain: boolean;
  /** Where its output goes to, and what it reads. */
  readonly redirections: readonly { readonly sign: string; readonly to: Field }[];
  /** The offsets in the script's text. */
  readonly start: number;
  readonly end: number;
}

/** A variable that was asked for and is not set, and where. */
export interface UnsetUse {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

export interface Evaluating {
  /** What the shell finds in its environment. */
  readonly variables: ReadonlyMap<string, Value>;
  /** Where it starts; undefined where that is not known. */
  readonly directory?: string | undefined;
  /** What programs say of the machine; undefined where it is not known which one it is. */
  readonly machine: Machine | undefined;
  /** What a variable is that nothing sets; undefined where it is known not to be set. */
  readonly fallback?: (name: string) => Value | undefined;
  /** How many nodes may still be gone through, for all scripts that share it: it is counted down. */
  readonly effort?: { left: number };
  /** Where a stretch of the text stands in its file. */
  readonly rangeOf: (start: number, end: number) => Range;
}

/** How a command ends. Of those that are run for what they do it is taken that they succeed. */
export type Status = "success" | "failure" | "assumed" | "unknown";

/** What leaves the text behind it unreached, the one that leaves the most of it last; `failure` is an exit that fails the build. */
export const endings = ["continue", "break", "return", "exit", "failure"] as const;
export type Ending = (typeof endings)[number];

export interface Outcome {
  readonly status: Status;
  readonly output: Value;
  /** Why nothing behind it is reached. */
  readonly ends?: Ending | undefined;
  /** Why what is behind it may not be reached, though all goes well. */
  readonly mayEnd?: Ending | undefined;
}

/** An outcome outside of what those endings only leave: a loop, a function, a subshell. */
export function outside(outcome: Outcome, left: readonly Ending[]): Outcome {
  const beyond = (ending: Ending | undefined) =>
    ending !== undefined && left.includes(ending) ? undefined : ending;
  return { ...outcome, ends: beyond(outcome.ends), mayEnd: beyond(outcome.mayEnd) };
}

/** Of several endings that there may be the one that leaves the most. A build that fails leaves nothing to doubt. */
export function strongest(found: readonly (Ending | undefined)[]): Ending | undefined {
  return endings.findLast((ending) => ending !== "failure" && found.includes(ending));
}

/** Offsets in the script's text. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Where a stretch of the text that is gone through stands in the script's. */
export function stretchAt({ offset, whole }: Place, start: number, end: number): Stretch {
  return whole ?? { start: offset + start, end: offset + end };
}

export interface Place {
  readonly env: Environment;
  /** Where the text that is gone through stands in the script's. */
  readonly offset: number;
  /** Where the text stands as a whole that was put together: of its parts nobody can say it. */
  readonly whole?: Stretch | undefined;
  readonly isCertain: boolean;
  /** What is piped into it. */
  readonly input?: Value | undefined;
}

/** Where a text stands that words of a command are. */
export function placeOfText(
  fields: readonly Field[],
  { offset }: Place,
): Pick<Place, "offset" | "whole"> {
  const [field, ...more] = fields;
  const [segment] = field?.segments ?? [];
  if (field !== undefined && segment !== undefined && isWritten(field) && more.length === 0)
    return { offset: segment.start, whole: undefined };
  const { start = offset } = field ?? {};
  const { end = start } = fields.at(-1) ?? {};
  return { offset, whole: { start, end } };
}

export interface Going {
  readonly evaluating: Evaluating;
  reach(command: Reached): void;
  noteUnset(use: UnsetUse): void;
  /** Counts so many characters that values and words take; false where they are more than any script needs. */
  spend(characters: number): boolean;
  go(node: ShellNode, place: Place): Outcome;
  /** Goes through a text of its own: that of `$(…)` or `sh -c`. */
  goThrough(text: string, place: Place): Outcome;
}

export function statusOf(holds: boolean | undefined): Status {
  return holds === undefined ? "unknown" : holds ? "success" : "failure";
}

export const nothing: Outcome = { status: "success", output: { text: "" } };

export function negated(status: Status): Status {
  if (status === "assumed") return "unknown";
  return status === "success" ? "failure" : status === "failure" ? "success" : status;
}

/** What several print one after the other, each on lines of its own. */
export function joined(outputs: readonly Value[]): Value {
  const printed = outputs.filter(({ text }) => text !== "");
  const [only] = printed;
  if (printed.length <= 1) return only ?? { text: "" };
  const asked = printed.find((output) => output.asked !== undefined)?.asked;
  return { text: printed.map(({ text }) => text).join("\n"), asked };
}
