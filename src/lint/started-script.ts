/** Scripts of the build context that a RUN starts: gone through like its own text, with what they find there. */
import { pathOf } from "../dockerfile/directory.ts";
import type { Range } from "../dockerfile/range.ts";
import { isPosixShell, isShellText, type Script } from "../dockerfile/script.ts";
import type { Evaluation } from "../shell/evaluate.ts";
import { type BroughtFile, type FileAt, lineAt } from "./brought-file.ts";
import { operandsOf, type Program } from "./program.ts";

/** A shell's text and what it does. */
export type Run = Script & Evaluation;

/** Those that programs of a RUN are. */
export function startedScripts(
  programs: readonly Program[],
  fileAt: FileAt,
  evaluate: (script: Script, program: Program) => Evaluation,
): readonly Run[] {
  return programs.flatMap((program) => {
    const found = startedFile(program, fileAt);
    if (found === undefined || !isShellText(found.text)) return [];
    const { path: file, text } = found;
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

/** What the program itself is, or what a shell is given to read. */
function startedFile(program: Program, fileAt: FileAt): BroughtFile | undefined {
  const isShell = isPosixShell(program.name);
  const isLine = program.args.some(({ text }) => /^-\w*c$/.test(text));
  const word = isShell ? operandsOf(program)[0] : program.word;
  if (word === undefined || (isShell && isLine)) return undefined;
  const place = pathOf(word.text, program);
  return place === undefined ? undefined : fileAt(place);
}
