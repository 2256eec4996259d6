/** The names and values of ARG, ENV and LABEL. */
import type { Instruction } from "./instruction.ts";
import type { Range } from "./range.ts";

export interface Pair {
  readonly name: string;
  /** As written, with its quotes and variables; undefined for an ARG without a default. */
  readonly value?: string;
  readonly range: Range;
}

/** Reads `NAME`, `NAME=value` …, and the old form `ENV NAME a value with blanks`. */
export function pairsOf(instruction: Instruction): readonly Pair[] {
  const [first] = instruction.arguments;
  if (first === undefined) return [];
  const isOldForm = instruction.keyword !== "ARG" && !first.text.includes("=");
  if (isOldForm) return [readOldForm(instruction)];
  return instruction.arguments.map(({ text, range }) => {
    const equals = text.indexOf("=");
    if (equals === -1) return { name: text, range };
    return { name: text.slice(0, equals), value: text.slice(equals + 1), range };
  });
}

function readOldForm({ text, rangeOf }: Instruction): Pair {
  const [, name = "", value = ""] = /^([^\t\v\f\r ]*)[\t\v\f\r ]*(.*)$/s.exec(text) ?? [];
  return { name, value, range: rangeOf(0, text.length) };
}
