/**
 * Logical lines: what stands on several lines of the file with an escape at their ends is one line for the builder
 * (github.com/moby/buildkit, frontend/dockerfile/parser/parser.go). Each character still knows where it came from.
 */
import type { Range } from "./range.ts";

export type Escape = "\\" | "`";

/** A line without its continuations, and where its parts stand in the file. */
export interface LogicalLine {
  readonly text: string;
  readonly pieces: readonly Piece[];
  /** The index of the first line of the file behind it. */
  readonly next: number;
}

interface Piece {
  /** The offset in the logical line's text. */
  readonly start: number;
  /** Where that character stands in the file, from 1. */
  readonly line: number;
  readonly column: number;
}

/** What Unicode calls white space, as Go's `unicode.IsSpace` does; JavaScript's `\s` differs in two characters. */
const space = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

export function isSpace(character: string): boolean {
  return space.test(character);
}

/** The text's lines, their line feeds taken off; a carriage return stays. */
export function splitLines(text: string): readonly string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

/** A line without the carriage returns at its end. */
export function withoutReturns(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === "\r") end -= 1;
  return line.slice(0, end);
}

/** The first character that is no white space, or the line's length. */
export function indentOf(line: string): number {
  let at = 0;
  while (at < line.length && isSpace(line[at] ?? "")) at += 1;
  return at;
}

function isComment(line: string): boolean {
  return line[indentOf(line)] === "#";
}

/** The logical line that starts at that line of the file; `undefined` for a comment or a blank line. */
export function readLogicalLine(
  lines: readonly string[],
  index: number,
  escape: Escape,
): LogicalLine | undefined {
  const first = withoutReturns(lines[index] ?? "");
  const indent = indentOf(first);
  if (indent === first.length || first[indent] === "#") return undefined;
  const start = withoutContinuation(first.slice(indent), escape);
  const pieces: Piece[] = [{ start: 0, line: index + 1, column: indent + 1 }];
  const texts = [start.text];
  let length = start.text.length;
  let { continues } = start;
  let next = index + 1;
  for (; continues && next < lines.length; next += 1) {
    const line = withoutReturns(lines[next] ?? "");
    // Comments and blank lines stand between the parts of a line without ending it.
    if (isComment(line) || indentOf(line) === line.length) continue;
    const part = withoutContinuation(line, escape);
    pieces.push({ start: length, line: next + 1, column: 1 });
    texts.push(part.text);
    length += part.text.length;
    continues = part.continues;
  }
  return { text: texts.join(""), pieces, next };
}

/** Where a stretch of a logical line stands in the file. */
export function rangeIn(line: LogicalLine, start: number, end: number): Range {
  const from = positionOf(line, start);
  if (end <= start) return { ...from, endLine: from.line, endColumn: from.column };
  const last = positionOf(line, end - 1);
  return { ...from, endLine: last.line, endColumn: last.column + 1 };
}

function positionOf(line: LogicalLine, offset: number): { line: number; column: number } {
  let low = 0;
  let high = line.pieces.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((line.pieces[middle]?.start ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  const piece = line.pieces[low] ?? { start: 0, line: 1, column: 1 };
  return { line: piece.line, column: piece.column + offset - piece.start };
}

/** An escape at the end continues the line, blanks behind it or not, unless another escape stands before it. */
function withoutContinuation(line: string, escape: Escape): { text: string; continues: boolean } {
  let end = line.length;
  while (end > 0 && (line[end - 1] === " " || line[end - 1] === "\t")) end -= 1;
  const continues = line[end - 1] === escape && line[end - 2] !== escape;
  return continues ? { text: line.slice(0, end - 1), continues } : { text: line, continues };
}
