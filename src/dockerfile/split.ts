/**
 * An instruction's flags and words, each with its place
 * (github.com/moby/buildkit, frontend/dockerfile/parser/split_command.go and line_parsers.go).
 */
import { type Escape, isSpace, type LogicalLine, rangeIn } from "./line.ts";
import type { Range } from "./range.ts";

export interface Word {
  readonly text: string;
  readonly range: Range;
}

/** `--platform=linux/amd64`: its quotes and escapes are taken off. */
export interface Flag {
  /** Without its dashes. */
  readonly name: string;
  /** Undefined where no `=` was written. */
  readonly value?: string;
  readonly range: Range;
}

/** A part of a logical line, by offsets. */
export interface Stretch {
  readonly line: LogicalLine;
  readonly start: number;
  readonly end: number;
}

const blank = /[\t\v\f\r ]/;

/** The keyword, and what stands behind it. */
export function splitKeyword(stretch: Stretch): { keyword: Word; rest: Stretch } {
  const { line, start, end } = trimmed(stretch);
  let at = start;
  while (at < end && !blank.test(line.text[at] ?? "")) at += 1;
  const keyword = { text: line.text.slice(start, at), range: rangeIn(line, start, at) };
  return { keyword, rest: withoutBlanks({ line, start: at, end }) };
}

/** The flags before the first argument; `--` alone ends them. */
export function splitFlags(
  stretch: Stretch,
  escape: Escape,
): { flags: readonly Flag[]; rest: Stretch } {
  const { line } = stretch;
  const flags: Flag[] = [];
  let rest = withoutBlanks(stretch);
  while (line.text.startsWith("--", rest.start) && rest.start < rest.end) {
    const flag = readFlag(rest, escape);
    rest = withoutBlanks({ ...rest, start: flag.end });
    if (flag.text === "--") break;
    const equals = flag.text.indexOf("=");
    flags.push({
      name: flag.text.slice(2, equals === -1 ? undefined : equals),
      ...(equals === -1 ? {} : { value: flag.text.slice(equals + 1) }),
      range: rangeIn(line, flag.start, flag.end),
    });
  }
  return { flags, rest: trimmed(rest) };
}

/** The words between blanks, quotes or not. */
export function splitBlanks({ line, start, end }: Stretch): readonly Word[] {
  const words: Word[] = [];
  for (const match of line.text.slice(start, end).matchAll(/[^\t\v\f\r ]+/g)) {
    const from = start + match.index;
    words.push({ text: match[0], range: rangeIn(line, from, from + match[0].length) });
  }
  return words;
}

/** The words between blanks that no quote or escape guards, as they were written. */
export function splitQuoted({ line, start, end }: Stretch, escape: Escape): readonly Word[] {
  const words: Word[] = [];
  for (let at = start; at < end;) {
    while (at < end && isSpace(line.text[at] ?? "")) at += 1;
    const from = at;
    at = quotedEnd({ line, start: at, end }, escape);
    // An escape that is the last of all escapes nothing, and is dropped.
    const isCut =
      line.text[at - 1] === escape && at === end && !isEscaped(line, from, at - 1, escape);
    const text = line.text.slice(from, isCut ? at - 1 : at);
    if (text !== "") words.push({ text, range: rangeIn(line, from, from + text.length) });
  }
  return words;
}

export function textOf({ line, start, end }: Stretch): string {
  return line.text.slice(start, end);
}

/** Without the blanks before it: around flags no other white space than ASCII's counts. */
function withoutBlanks({ line, start, end }: Stretch): Stretch {
  let at = start;
  while (at < end && blank.test(line.text[at] ?? "")) at += 1;
  return { line, start: at, end };
}

function trimmed({ line, start, end }: Stretch): Stretch {
  let [from, to] = [start, end];
  while (from < to && isSpace(line.text[from] ?? "")) from += 1;
  while (to > from && isSpace(line.text[to - 1] ?? "")) to -= 1;
  return { line, start: from, end: to };
}

/** Where the word that starts there ends: at white space outside of quotes. */
function quotedEnd({ line, start, end }: Stretch, escape: Escape): number {
  let quote = "";
  let at = start;
  for (; at < end; at += 1) {
    const character = line.text[at] ?? "";
    if (character === escape && quote !== "'") at += 1;
    else if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === "'" || character === '"') quote = character;
    else if (isSpace(character)) return at;
  }
  return Math.min(at, end);
}

/** Whether an odd number of escapes stands before that offset. */
function isEscaped(line: LogicalLine, from: number, offset: number, escape: Escape): boolean {
  let at = offset;
  while (at > from && line.text[at - 1] === escape) at -= 1;
  return (offset - at) % 2 === 1;
}

/** In a flag the escape works within single quotes as well. */
function readFlag({ line, start, end }: Stretch, escape: Escape) {
  let text = "";
  let quote = "";
  let at = start;
  for (; at < end; at += 1) {
    const character = line.text[at] ?? "";
    if (character === escape) {
      at += 1;
      text += at < end ? (line.text[at] ?? "") : "";
    } else if (character === quote) quote = "";
    else if (quote !== "") text += character;
    else if (character === "'" || character === '"') quote = character;
    else if (blank.test(character)) break;
    else text += character;
  }
  return { text, start, end: Math.min(at, end) };
}
