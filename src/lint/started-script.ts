/** Scripts of the build context that a RUN starts: gone through like its own text, with what they find there. */
import path from "node:path";
import { pathOf } from "../dockerfile/directory.ts";
import type { Range } from "../dockerfile/range.ts";
import { isPosixShell, isShellText, type Script } from "../dockerfile/script.ts";
import type { Evaluation } from "../shell/evaluate.ts";
import { type Copy, origin } from "./artefact/copy.ts";
import { operandsOf, type Program } from "./program.ts";

/** A shell's text and what it does. */
export type Run = Script & Evaluation;

export interface Starting {
  /** What earlier instructions brought, in their order. */
  readonly copies: readonly Copy[];
  /** The texts of the context's scripts, by their paths in it. */
  readonly scripts: ReadonlyMap<string, string>;
  readonly evaluate: (script: Script, program: Program) => Evaluation;
}

/** Those that programs of a RUN are. */
export function startedScripts(
  programs: readonly Program[],
  { copies, scripts, evaluate }: Starting,
): readonly Run[] {
  if (scripts.size === 0 || copies.length === 0) return [];
  return programs.flatMap((program) => {
    const file = startedFile(program, copies, scripts);
    const text = file === undefined ? undefined : scripts.get(file);
    if (file === undefined || text === undefined || !isShellText(text)) return [];
    const at = program.rangeOf(program.word);
    const rangeOf = (start: number): Range => ({ ...at, within: `${file}:${lineAt(text, start)}` });
    const script = { text, form: "heredoc", isShell: true, rangeOf } as const;
    const { isCertain } = program;
    const { commands, unset, isComplete } = evaluate(script, program);
    // What is not surely started does nothing for certain.
    const reached = isCertain ? commands : commands.map(maybe);
    return [{ ...script, commands: reached, unset: isCertain ? unset : [], isComplete }];
  });
}

function maybe(command: Evaluation["commands"][number]): Evaluation["commands"][number] {
  return { ...command, isCertain: false };
}

/** The script's path in the context: of the program itself, or of what a shell is given to read. */
function startedFile(
  program: Program,
  copies: readonly Copy[],
  scripts: ReadonlyMap<string, string>,
): string | undefined {
  const isShell = isPosixShell(program.name);
  const isLine = program.args.some(({ text }) => /^-\w*c$/.test(text));
  const word = isShell ? operandsOf(program)[0] : program.word;
  if (word === undefined || (isShell && isLine) || !word.text.includes(".")) return undefined;
  const place = pathOf(word.text, program);
  if (place === undefined) return undefined;
  return copies
    .toReversed()
    .flatMap((copy) => sourcesOf(copy, place))
    .find((file) => scripts.has(file));
}

/** What the copy would have put there: a file of a directory, or the one file that it is. */
function sourcesOf(copy: Copy, place: string): readonly string[] {
  const { from, to } = copy;
  const own = place === to || place === path.posix.join(to ?? "/", path.posix.basename(from));
  const within = origin(copy, place);
  return [...(own ? [from] : []), ...(within === undefined ? [] : [within])];
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
