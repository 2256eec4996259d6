/** The variables of a stage's instructions, followed from ARG and ENV, also through the stages that it is built upon. */
import type { Instruction } from "../dockerfile/instruction.ts";
import { pairsOf } from "../dockerfile/pair.ts";
import { platformVariables, type Scope } from "../dockerfile/scope.ts";
import { expand } from "../dockerfile/variables.ts";
import type { Escape } from "../dockerfile/line.ts";
import type { Platform } from "../platform/platform.ts";
import { hole, unknown, type Value } from "../shell/value.ts";

/** The variables that BuildKit sets by itself, where a stage declares them (https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope). */
export function isAutomatic(name: string): boolean {
  return /^(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)$/.test(name);
}

/** What BuildKit sets them to. */
export function automaticValues({
  target,
  builder,
}: {
  readonly target: Platform;
  readonly builder: Platform;
}): ReadonlyMap<string, string> {
  return new Map([...platformVariables("TARGET", target), ...platformVariables("BUILD", builder)]);
}

export type Variables = ReadonlyMap<string, Value>;

/** Longer values tell nothing, and take long to cut. In UTF-16 code units. */
const longest = 4096;

/** The texts of the variables. What nobody sets the image may have set, but for the automatic ones. */
export class Texts {
  readonly #variables: Variables;

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  get(name: string): string | undefined {
    const text = this.#variables.get(name)?.text ?? (isAutomatic(name) ? undefined : hole);
    return text !== undefined && text.length > longest ? hole : text;
  }
}

/**
 * What holds after an ARG or ENV; of one name the last holds, whichever of the two it is (github.com/moby/buildkit,
 * frontend/dockerfile/dockerfile2llb/convert.go, dispatchArg). `globals` are the arguments before the first FROM and the automatic ones.
 */
export function declared(
  instruction: Instruction,
  before: Variables,
  globals: Scope,
  escape: Escape,
  buildArgs: ReadonlyMap<string, string> = new Map(),
): Variables {
  if (instruction.keyword !== "ARG" && instruction.keyword !== "ENV") return before;
  const isArg = instruction.keyword === "ARG";
  const after = new Map(before);
  // All of an ENV see what held before it; each of an ARG what the one before it declared.
  const seen = new Texts(isArg ? after : before);
  for (const { name, value, range } of pairsOf(instruction)) {
    const given = isArg ? buildArgs.get(name) : undefined;
    if (given !== undefined) after.set(name, { text: given });
    else if (value !== undefined) {
      const { text, problem } = expand(value, seen, escape);
      after.set(name, { text: problem === undefined ? text : hole, range });
    } else if (isArg) {
      const global = globals.variables.get(name);
      // An ARG that nobody gives a value leaves what was set before it.
      if (global !== undefined) after.set(name, { text: global });
      else if (!after.has(name)) after.set(name, unknown);
    }
  }
  return after;
}
