/** What a word may grow to. Nothing that is built has such words, and the time would grow with the product of their parts. */

/** A word that no builder takes. Caught where a word is lexed: see `variables.ts` and `heredoc.ts`. */
export class LexerProblem extends Error {}

const limits = {
  /** UTF-16 code units. */
  length: 65_536,
  /** `${A:-${B:-…}}` */
  nesting: 64,
  /** Characters times parts of a pattern. */
  matching: 8_000_000,
} as const;

/** The text itself. @throws LexerProblem */
export function checkedLength(text: string): string {
  if (text.length > limits.length) throw new LexerProblem("it expands to more than 64 KiB");
  return text;
}

/** @throws LexerProblem */
export function checkNesting(depth: number): void {
  if (depth > limits.nesting) throw new LexerProblem("its ${…} are nested too deep");
}

/** @throws LexerProblem */
export function checkTime(steps: number): void {
  if (steps > limits.matching) throw new LexerProblem("its pattern would take too long to match");
}
