/** The programs that the instructions of a Dockerfile start, behind what only starts them: `env`, `exec`, `sudo` … */
import type { Range } from "../dockerfile/range.ts";
import type { Reached } from "../shell/going.ts";
import { optionIn } from "../shell/option.ts";
import { startedBy } from "../shell/starter.ts";
import { type Field, hole, stretchIn, type Value, valueOf } from "../shell/value.ts";
import type { Run } from "./started-script.ts";
import type { Step } from "./step.ts";

export interface Program {
  readonly step: Step;
  /** The last part of its path. */
  readonly name: string;
  readonly word: Field;
  readonly args: readonly Field[];
  readonly environment: ReadonlyMap<string, Value>;
  /** The directory that it starts in, as far as WORKDIR and `cd` say it. */
  readonly directory: string | undefined;
  /** Whether it is reached whatever is not known. */
  readonly isCertain: boolean;
  readonly redirections: Reached["redirections"];
  /** Where a word of it, or a stretch of the word's text, stands in the file. */
  readonly rangeOf: (field: Field, start?: number, end?: number) => Range;
}

/** In their order; none of a script that is not understood as a whole. */
export function programsIn(step: Step, run: Run | undefined): readonly Program[] {
  if (run === undefined || !run.isComplete) return [];
  const rangeOf = (field: Field, start = 0, end = field.text.length) => {
    const stretch = stretchIn(field, start, end);
    return run.rangeOf(stretch.start, stretch.end);
  };
  return run.commands.flatMap((command) => {
    const { directory, isCertain, redirections } = command;
    const { fields, environment } = withoutStarters(command.fields, command.environment, rangeOf);
    const [word, ...args] = fields;
    if (word === undefined || word.text.includes(hole)) return [];
    const name = word.text.split("/").at(-1) ?? "";
    const own = { step, name, word, args, environment };
    return [{ ...own, directory, isCertain, redirections, rangeOf }];
  });
}

function withoutStarters(
  fields: readonly Field[],
  before: ReadonlyMap<string, Value>,
  rangeOf: Program["rangeOf"],
) {
  const { words, assignments } = startedBy(fields);
  if (assignments.length === 0) return { fields: words, environment: before };
  const environment = new Map(before);
  for (const assignment of assignments) {
    const [name = ""] = assignment.text.split("=", 1);
    const text = assignment.text.slice(name.length + 1);
    environment.set(name, { ...valueOf(assignment, rangeOf(assignment)), text });
  }
  return { fields: words, environment };
}

/** The value of an option, `--output value`, `--output=value` or `-ovalue`, and the word and offset that it begins at. */
export function optionOf(
  { args }: Pick<Program, "args">,
  ...names: readonly string[]
): { readonly field: Field; readonly from: number; readonly text: string } | undefined {
  const found = optionIn(args, names);
  if (found === undefined) return undefined;
  const { word: field, from } = found;
  return { field, from, text: field.text.slice(from) };
}

/** The arguments that are no options. */
export function operandsOf({ args }: Pick<Program, "args">): readonly Field[] {
  return args.filter(({ text }) => !text.startsWith("-"));
}
