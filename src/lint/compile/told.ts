/** Where a compiler is told something: a variable of its environment, or an option. */
import { valueOf } from "../../shell/value.ts";
import { optionOf, type Program } from "../program.ts";
import type { Told } from "./compile.ts";

export function toldByVariable(program: Program, ...names: readonly string[]): Told | undefined {
  for (const name of names) {
    const value = program.environment.get(name);
    if (value === undefined || value.text === "") continue;
    const { text, range = program.rangeOf(program.word), asked } = value;
    return { text, range, asked };
  }
  return undefined;
}

export function toldByOption(program: Program, ...names: readonly string[]): Told | undefined {
  const option = optionOf(program, ...names);
  if (option === undefined) return undefined;
  const { field, from, text } = option;
  return { text, range: program.rangeOf(field, from), asked: valueOf(field).asked };
}
