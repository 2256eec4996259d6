/** A stretch of a text as people are shown it: some lines of it with their numbers, and carets below what is meant. */
import type { Range } from "./range.ts";

export interface FrameOptions {
  /** How many lines are shown before and behind; 2 where none is said. */
  readonly context?: number;
  /** The columns of a line that are shown; longer ones are cut around what is meant. 160 where none is said. */
  readonly width?: number;
}

/** No more lines of a long range than these are shown; what lies between them is left out. */
const longestRange = 12;

/** The text's lines, for several frames of it. */
export function frameLines(text: string): readonly string[] {
  return text.replace(/^\uFEFF/, "").split("\n");
}

/**
 * The lines of a code frame:
 *
 *       1 | FROM debian
 *     > 2 | RUNN make
 *         | ^^^^
 */
export function codeFrame(
  text: string | readonly string[],
  range: Range,
  options: FrameOptions = {},
): readonly string[] {
  const { context = 2, width = 160 } = options;
  const lines = typeof text === "string" ? frameLines(text) : text;
  const last = lines.at(-1) === "" ? lines.length - 1 : lines.length;
  const from = Math.max(1, range.line - context);
  const to = Math.min(Math.max(last, range.line), range.endLine + context);
  const digits = String(to).length;
  const frame: string[] = [];
  for (const number of shownNumbers(from, to, range)) {
    if (number === undefined) {
      frame.push(`  ${" ".repeat(digits)} …`);
      continue;
    }
    const line = (lines[number - 1] ?? "").replace(/\r+$/, "");
    const marked = markedColumns(line, number, range);
    const isMarked = marked !== undefined;
    const cut = cutLine(line, marked?.start ?? 0, width);
    frame.push(
      `${isMarked ? ">" : " "} ${String(number).padStart(digits)} | ${cut.text}`.trimEnd(),
    );
    if (isMarked) frame.push(`  ${" ".repeat(digits)} | ${carets(line, marked, cut, width)}`);
  }
  return frame;
}

/** The numbers of the lines; undefined for the middle of a long range. */
function shownNumbers(from: number, to: number, range: Range): readonly (number | undefined)[] {
  const numbers = Array.from({ length: to - from + 1 }, (_, at) => from + at);
  if (range.endLine - range.line < longestRange) return numbers;
  const half = longestRange / 2;
  const head = numbers.filter((number) => number < range.line + half);
  const tail = numbers.filter((number) => number > range.endLine - half);
  return [...head, undefined, ...tail];
}

interface Columns {
  /** Offsets, the end exclusive. */
  readonly start: number;
  readonly end: number;
}

/** What of the line is meant, without the indent of a line that the range runs through; at least one column. */
function markedColumns(line: string, number: number, range: Range): Columns | undefined {
  if (number < range.line || number > range.endLine) return undefined;
  const indent = line.length - line.trimStart().length;
  const start = number === range.line ? range.column - 1 : indent;
  const end = number === range.endLine ? range.endColumn - 1 : line.length;
  if (end <= start && number !== range.line) return undefined;
  return { start, end: Math.max(end, start + 1) };
}

interface CutLine {
  readonly text: string;
  /** The offset in the line of the first character that is shown, and how many columns an ellipsis takes before it. */
  readonly from: number;
  readonly lead: number;
}

/** As much of the line as fits, from somewhat before that offset on. */
function cutLine(line: string, offset: number, width: number): CutLine {
  const shown = printable(line);
  if (shown.length <= width) return { text: shown, from: 0, lead: 0 };
  const from = Math.max(0, Math.min(offset - Math.floor(width / 4), shown.length - width));
  const isCut = from + width < shown.length;
  const text = `${from > 0 ? "…" : ""}${shown.slice(from, from + width)}${isCut ? "…" : ""}`;
  return { text, from, lead: from > 0 ? 1 : 0 };
}

/** A tab stays a tab below a tab, so that the carets stand where the text does however wide it is shown. */
function carets(line: string, { start, end }: Columns, cut: CutLine, width: number): string {
  const before = line.slice(cut.from, start).replaceAll(/[^\t]/g, " ");
  const until = Math.min(end, cut.from + width);
  return (
    " ".repeat(cut.lead) + before.padEnd(start - cut.from) + "^".repeat(Math.max(1, until - start))
  );
}

/** Control characters would move the cursor or change its colour. */
function printable(line: string): string {
  return line.replaceAll(/(?!\t)\p{Cc}/gu, "·");
}
