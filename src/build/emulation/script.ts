/** What a RUN gives to the shell: its line, its heredoc, or what the exec form starts a shell with. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import { readShell, type ShellText } from "../../shell/commands.ts";

export interface Script extends ShellText {
  readonly text: string;
  readonly form: "line" | "heredoc" | "exec";
}

/** Longer ones are taken for what nobody can say anything about. */
const longest = 65_536;

const unreadable = { commands: [], isComplete: false } as const;

export function scriptOf(run: Instruction): Script {
  const [heredoc, ...more] = run.heredocs;
  if (run.isExecForm) return scriptOfWords(run.arguments.map(({ text }) => text));
  if (heredoc === undefined) return { form: "line", ...read(run.text), text: run.text };
  const isScript = more.length === 0 && /^0?<<-?\s*\S+$/.test(run.text);
  if (!isScript) {
    // The heredocs are files or a program's input; what matters is the line.
    const isInput = !/^\s*(?:\S*\/)?(?:ba|da|a|z)?sh\b|\|\s*(?:\S*\/)?(?:ba|da|a|z)?sh\b/.test(
      run.text,
    );
    return { form: "line", ...(isInput ? read(run.text) : unreadable), text: run.text };
  }
  const text = heredoc.chomps ? heredoc.content.replaceAll(/^\t+/gm, "") : heredoc.content;
  const [, interpreter] = /^#!\s*(\S+(?:[ \t]+\S+)?)/.exec(text) ?? [];
  const isShell =
    interpreter === undefined || /\b(?:ba|da|a)?sh$/.test(interpreter.split(/[ \t]+-/)[0] ?? "");
  return { form: "heredoc", ...(isShell ? read(text) : unreadable), text };
}

/** `["sh", "-c", "…"]` is its last word, anything else its words as a shell would be given them. */
function scriptOfWords(words: readonly string[]): Script {
  const [program = "", option = "", line = "", ...more] = words;
  const isShell = /(?:^|\/)(?:ba|da|a)?sh$/.test(program) && /^-[elux]*c$/.test(option);
  const text = isShell && more.length === 0 ? line : words.map(quoted).join(" ");
  // A line feed in it would end the RUN that it is written into.
  return { form: "exec", ...(/[\r\n]/.test(text) ? unreadable : read(text)), text };
}

function read(text: string): ShellText {
  return text.length > longest ? unreadable : readShell(text);
}

/** As one word of a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
