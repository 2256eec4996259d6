/** Where a compiler is told something: a variable of its environment, an option, or a file. */
import { valueOf } from "../../shell/value.ts";
import { lineAt } from "../brought-file.ts";
import { pathFrom } from "../path.ts";
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

/** By a line `name=value` of a file of settings in the directory that it runs in. */
export function toldByFile(
  program: Program,
  file: string,
  ...names: readonly string[]
): Told | undefined {
  const place = pathFrom(program.directory, file);
  const found = place === undefined ? undefined : program.step.fileAt(place);
  const line = new RegExp(`^[\\t ]*(?:${names.join("|")})[\\t ]*=[\\t ]*"?([\\w-]+)`, "m");
  const [whole, text] = line.exec(found?.text ?? "") ?? [];
  if (found === undefined || whole === undefined || text === undefined) return undefined;
  const at = lineAt(found.text, found.text.indexOf(whole));
  return { text, range: { ...program.rangeOf(program.word), within: `${found.path}:${at}` } };
}
