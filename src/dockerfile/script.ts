/** What a RUN gives to the shell: its line, its heredoc, or what the exec form starts a shell with. */
import type { Heredoc } from "./heredoc.ts";
import type { Instruction } from "./instruction.ts";
import { type Range, spanning } from "./range.ts";

export interface Script {
  readonly text: string;
  readonly form: "line" | "heredoc" | "exec";
  /** Whether it is a shell that reads all of it. */
  readonly isShell: boolean;
  /** Where a stretch of the text stands in the file. */
  readonly rangeOf: (start: number, end: number) => Range;
}

export function scriptOf(run: Instruction): Script {
  const [heredoc, ...more] = run.heredocs;
  if (run.isExecForm) return scriptOfWords(run);
  const { text, rangeOf } = run;
  if (heredoc === undefined) return { form: "line", text, isShell: true, rangeOf };
  const isScript = more.length === 0 && /^0?<<-?\s*\S+$/.test(text);
  if (isScript) return scriptOfHeredoc(heredoc);
  // The heredocs are files or a program's input; what matters is the line.
  const feeds = /^\s*(?:\S*\/)?(?:ba|da|a|z)?sh\b|\|\s*(?:\S*\/)?(?:ba|da|a|z)?sh\b/.test(text);
  return { form: "line", text, isShell: !feeds, rangeOf };
}

/** Whether it is a program that reads what sh reads. */
export function isPosixShell(program: string | undefined): boolean {
  return program !== undefined && /(?:^|\/)(?:ba|da|a)?sh$/.test(program);
}

/** `["sh", "-c", "…"]` is its last word, anything else its words as a shell would be given them. */
function scriptOfWords(run: Instruction): Script {
  const [program, option, line, ...more] = run.arguments;
  const isShell = isPosixShell(program?.text) && /^-[elux]*c$/.test(option?.text ?? "");
  const isLine = isShell && more.length === 0;
  const text = isLine
    ? (line?.text ?? "")
    : run.arguments.map((word) => quoted(word.text)).join(" ");
  const whole = spanning(
    (isLine ? line : program)?.range ?? run.range,
    run.arguments.at(-1)?.range ?? run.range,
  );
  return { form: "exec", text, isShell: true, rangeOf: () => whole };
}

function scriptOfHeredoc({ chomps, content, contentRange }: Heredoc): Script {
  const lines = content.split("\n");
  const own = lines.map((line) => (chomps ? line.replace(/^\t+/, "") : line));
  const text = own.join("\n");
  const positionOf = (offset: number) => {
    const before = text.slice(0, offset).split("\n");
    const at = before.length - 1;
    const tabs = (lines[at]?.length ?? 0) - (own[at]?.length ?? 0);
    return { line: contentRange.line + at, column: tabs + (before.at(-1)?.length ?? 0) + 1 };
  };
  const rangeOf = (start: number, end: number): Range => {
    const last = positionOf(end);
    return { ...positionOf(start), endLine: last.line, endColumn: last.column };
  };
  return { form: "heredoc", text, isShell: isShellText(text), rangeOf };
}

/** Whether its first line names a shell that we understand, or no interpreter at all. */
export function isShellText(text: string): boolean {
  const [, interpreter] = /^#!\s*(\S+(?:[ \t]+\S+)?)/.exec(text) ?? [];
  return (
    interpreter === undefined || /\b(?:ba|da|a)?sh$/.test(interpreter.split(/[ \t]+-/)[0] ?? "")
  );
}

/** As one word of a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
