/**
 * Heredocs: `<<EOF`, `<<-EOF`, `3<<"EOF"`, `<< EOF` in a line, and their texts in the lines behind it
 * (https://docs.docker.com/reference/dockerfile/#here-documents).
 */
import { lex } from "./lexer.ts";
import { LexerProblem } from "./lexer-limit.ts";
import { type LogicalLine, rangeIn, withoutReturns } from "./line.ts";
import type { Range } from "./range.ts";
import type { LexedWord } from "./word-list.ts";

export interface Heredoc {
  readonly name: string;
  /** What stands before the arrows; 0 where nothing does. */
  readonly fileDescriptor: number;
  /** Whether its text has its variables expanded: no part of the name is quoted. */
  readonly expands: boolean;
  /** `<<-`: the tabs at the start of its lines are taken off. */
  readonly chomps: boolean;
  /** Where `<<EOF` stands. */
  readonly range: Range;
  /** Its lines as they stand in the file, tabs included, without the one that ends it. */
  readonly content: string;
  /** Whole lines; empty at the end where there is no text. */
  readonly contentRange: Range;
}

type Opening = Pick<Heredoc, "name" | "fileDescriptor" | "expands" | "chomps" | "range">;

/** The heredocs that a line opens. What cannot be read as words opens none, as in BuildKit. */
export function openedHeredocs(line: LogicalLine): readonly Opening[] {
  if (!line.text.includes("<<")) return [];
  return lexWords(line.text, "all").flatMap((word) => {
    const opening = readOpening(word.text);
    return opening === undefined
      ? []
      : [{ ...opening, range: rangeIn(line, word.start, word.end) }];
  });
}

/** Reads the text of a heredoc from that line of the file on; `next` is undefined where the file ends first. */
export function readHeredoc(
  opening: Opening,
  lines: readonly string[],
  index: number,
): { readonly heredoc: Heredoc; readonly next: number | undefined } {
  let end = index;
  while (end < lines.length && !endsHeredoc(lines[end] ?? "", opening)) end += 1;
  const content = lines.slice(index, end).map((line) => `${line}\n`);
  const contentRange = { line: index + 1, column: 1, endLine: end + 1, endColumn: 1 };
  const heredoc = { ...opening, content: content.join(""), contentRange };
  return { heredoc, next: end < lines.length ? end + 1 : undefined };
}

function endsHeredoc(line: string, opening: Opening): boolean {
  const bare = withoutReturns(line);
  return (opening.chomps ? bare.replace(/^\t+/, "") : bare) === opening.name;
}

function readOpening(word: string): Omit<Opening, "range"> | undefined {
  const [, descriptor = "", dash, rest = ""] = /^(\d*)<<(-?)([^<]+)$/.exec(word) ?? [];
  const name = rest.trimStart();
  if (dash === undefined || name === "") return undefined;
  const words = lexWords(name, "variables");
  const [bare] = words;
  if (bare === undefined || words.length > 1) return undefined;
  const [raw] = lexWords(name, "all");
  return {
    name: bare.text,
    fileDescriptor: Number(descriptor),
    expands: quotesIn(bare.text) === quotesIn(raw?.text ?? ""),
    chomps: dash === "-",
  };
}

function quotesIn(text: string): number {
  return text.replaceAll(/[^'"]/g, "").length;
}

/** The escape of heredocs is the backslash, whatever the directive says. */
function lexWords(text: string, verbatim: "all" | "variables"): readonly LexedWord[] {
  try {
    return lex(text, { escape: "\\", lookup: () => undefined, verbatim }).words;
  } catch (error) {
    if (error instanceof LexerProblem) return [];
    throw error;
  }
}
