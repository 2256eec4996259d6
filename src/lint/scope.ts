/** The variables of a stage's instructions, followed from ARG and ENV, also through the stages that it is built upon. */
import type { Instruction } from "../dockerfile/instruction.ts";
import { pairsOf } from "../dockerfile/pair.ts";
import type { Scope } from "../dockerfile/scope.ts";
import { expand } from "../dockerfile/variables.ts";
import type { Escape } from "../dockerfile/line.ts";
import { hole, unknown, type Value } from "../shell/value.ts";

/** The variables that BuildKit sets by itself, where a stage declares them (https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope). */
export function isAutomatic(name: string): boolean {
  return /^(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT)$/.test(name);
}

export type Variables = ReadonlyMap<string, Value>;

/** The texts of the variables. What nobody sets the image may have set, but for the automatic ones. */
export class Texts extends Map<string, string> {
  constructor(variables: Variables) {
    super([...variables].map(([name, { text }]) => [name, text]));
  }

  override get(name: string): string | undefined {
    return super.get(name) ?? (isAutomatic(name) ? undefined : hole);
  }
}

/** What holds after an ARG or ENV. `globals` are the arguments before the first FROM and the automatic ones. */
export function declared(
  instruction: Instruction,
  before: Variables,
  globals: Scope,
  escape: Escape,
): Variables {
  if (instruction.keyword !== "ARG" && instruction.keyword !== "ENV") return before;
  const after = new Map(before);
  // All of an ENV see what held before it; each of an ARG what the one before it declared.
  const seen = instruction.keyword === "ENV" ? before : after;
  for (const { name, value, range } of pairsOf(instruction)) {
    if (value !== undefined) {
      const { text, problem } = expand(value, new Texts(seen), escape);
      after.set(name, { text: problem === undefined ? text : hole, range });
    } else if (instruction.keyword === "ARG") {
      const given = globals.variables.get(name);
      after.set(name, given === undefined ? unknown : { text: given });
    }
  }
  return after;
}
