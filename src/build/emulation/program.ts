/** The program that a simple command runs, behind what only starts it: `env`, `exec`, `sudo`, `time` … */
import type { ShellCommand } from "../../shell/commands.ts";
import { optionIn } from "../../shell/option.ts";
import type { ShellWord } from "../../shell/token.ts";

export interface Program {
  readonly command: ShellCommand;
  /** The last part of its path; undefined where an expansion names it. */
  readonly name: string | undefined;
  /** As it is called, path included. */
  readonly word: ShellWord;
  readonly args: readonly ShellWord[];
}

const starters: ReadonlySet<string> = new Set(["env", "exec", "command", "sudo", "time", "nice"]);

/** Undefined for a command that only assigns or redirects. */
export function programOf(command: ShellCommand): Program | undefined {
  const words = withoutStarters(command.words);
  const [word, ...args] = words;
  if (word === undefined) return undefined;
  const name = word.value?.split("/").at(-1);
  return { command, name: name === "" ? undefined : name, word, args };
}

function withoutStarters(words: readonly ShellWord[]): readonly ShellWord[] {
  let rest = words;
  while (starters.has(rest[0]?.text ?? "") && rest.length > 1) {
    const next = rest.findIndex((word, at) => at > 0 && !/^[A-Za-z_]\w*=/.test(word.text));
    // An option of the starter itself: what it starts is not looked for.
    if (next === -1 || rest[next]?.text.startsWith("-") === true) return words;
    rest = rest.slice(next);
  }
  return rest;
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
