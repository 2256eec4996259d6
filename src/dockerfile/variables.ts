/** Variables in the words of a Dockerfile: `$X`, `${X:-y}`, `${X#p}` …, with the quotes and escapes around them. */
import { lex } from "./lexer.ts";
import { LexerProblem } from "./lexer-limit.ts";
import type { Escape } from "./line.ts";

export type Variables = ReadonlyMap<string, string>;

export interface Expansion {
  /** As BuildKit expands it: what is not set stands for nothing. Empty where there is a problem. */
  readonly text: string;
  /** Every variable that the word asks for and that is set. */
  readonly used: ReadonlySet<string>;
  /** Every variable that the word asks for and that is not set. */
  readonly unset: ReadonlySet<string>;
  /** Those of them that the text lacks because nothing was written to stand for them: with `${X:-y}` nothing is missing. */
  readonly missing: ReadonlySet<string>;
  /** Why no builder takes the word: one clause without a full stop. */
  readonly problem?: string;
}

const none: ReadonlySet<string> = new Set();

/** The word with its variables replaced, and its quotes and escapes taken off. */
export function expand(
  word: string,
  variables: Pick<Variables, "get">,
  escape: Escape = "\\",
): Expansion {
  try {
    const lookup = (name: string) => variables.get(name);
    const { text, used, unset, missing } = lex(word, { escape, lookup });
    return { text, used, unset, missing };
  } catch (error) {
    if (!(error instanceof LexerProblem)) throw error;
    return { text: "", used: none, unset: none, missing: none, problem: error.message };
  }
}
