/** The program that a simple command runs, behind what only starts it: `env`, `exec`, `sudo`, `time` … */
import type { ShellCommand } from "../../shell/commands.ts";
import { optionIn } from "../../shell/option.ts";
import { startedBy } from "../../shell/starter.ts";
import type { ShellWord } from "../../shell/token.ts";

export interface Program {
  readonly command: ShellCommand;
  /** The last part of its path; undefined where an expansion names it. */
  readonly name: string | undefined;
  /** As it is called, path included. */
  readonly word: ShellWord;
  readonly args: readonly ShellWord[];
}

/** Undefined for a command that only assigns or redirects. */
export function programOf(command: ShellCommand): Program | undefined {
  const [word, ...args] = startedBy(command.words).words;
  if (word === undefined) return undefined;
  const name = word.value?.split("/").at(-1);
  return { command, name: name === "" ? undefined : name, word, args };
}

/** The arguments that are no options; those with an expansion as they are written. */
export function operandsOf({ args }: Pick<Program, "args">): readonly string[] {
  return args.map(({ value, text }) => value ?? text).filter((text) => !text.startsWith("-"));
}

/** Whether it is called with one of these options, `-o`, `--output` or `--output=…`. */
export function hasOption(program: Pick<Program, "args">, ...names: readonly string[]): boolean {
  return program.args.some(({ text }) =>
    names.some((name) => text === name || text.startsWith(`${name}=`)),
  );
}

/** The word that holds an option's value: `-o value`, `--output=value`, `-ovalue` where it is a single letter. */
export function optionOf(
  { args }: Pick<Program, "args">,
  ...names: readonly string[]
): { readonly word: ShellWord; readonly value: string | undefined } | undefined {
  const found = optionIn(args, names);
  if (found === undefined) return undefined;
  const { word, from } = found;
  return { word, value: word.value?.slice(from) };
}

/** What an assignment before the program, or behind `env`, sets a variable to. */
export function assignmentOf({ command }: Program, name: string): ShellWord | undefined {
  return [...command.assignments, ...command.words].find(({ text }) => text.startsWith(`${name}=`));
}

/** Whether something can be written behind the command: it is part of no pipe and no larger command. */
export function isAlone({ command }: Pick<Program, "command">): boolean {
  return command.depth === 0 && command.before !== "|" && !["|", "&"].includes(command.after);
}
