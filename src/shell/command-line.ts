/** A shell's text on a command line: `sh -c 'text' name arguments…` (POSIX.1-2017, XCU sh), and `su user -c 'text'`. */
import { isPosixShell } from "../dockerfile/script.ts";
import { startedBy } from "./starter.ts";
import type { Field } from "./value.ts";

export interface CommandLine {
  readonly text: Field;
  /** Its arguments, `$1` and so on. */
  readonly args: readonly Field[];
  /** Whether it is another user's login: its directory and its variables are others. */
  readonly isLogin: boolean;
}

/** Undefined for what starts no shell, or one that reads something else. */
export function commandLineOf(fields: readonly Field[]): CommandLine | undefined {
  const [program, ...words] = startedBy(fields).words;
  if (program === undefined) return undefined;
  if (/(?:^|\/)su$/.test(program.text)) return commandLineOfSu(words);
  return isPosixShell(program.text) ? commandLineOfShell(words) : undefined;
}

function commandLineOfShell(words: readonly Field[]): CommandLine | undefined {
  let isLine = false;
  for (let at = 0; at < words.length; at += 1) {
    const option = words[at]?.text ?? "";
    if (!/^[-+]./.test(option)) {
      const text = words[at];
      // The word behind the text is its name, `$0`.
      return isLine && text !== undefined
        ? { text, args: words.slice(at + 2), isLogin: false }
        : undefined;
    }
    if (/^-[A-Za-z]*c/.test(option)) isLine = true;
    if (/^[-+][A-Za-z]*[oO]$/.test(option)) at += 1;
  }
  return undefined;
}

function commandLineOfSu(words: readonly Field[]): CommandLine | undefined {
  const at = words.findIndex(({ text }) => text === "-c" || text === "--command");
  const text = at === -1 ? undefined : words[at + 1];
  const isLogin = words.some((word) => /^(?:-|-l|--login)$/.test(word.text));
  return text === undefined ? undefined : { text, args: [], isLogin };
}
