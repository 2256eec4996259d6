/** What a shell's words and variables stand for, as far as that can be told without running anything. */
import type { Range } from "../dockerfile/range.ts";

/** Stands in a text for what cannot be told. From Unicode's private use area: no script that builds an image has it. */
export const hole = "\uF8FF";

export interface Value {
  /** With a {@link hole} for each part that is not known. */
  readonly text: string;
  /** Where it was set. */
  readonly range?: Range | undefined;
  /** The command that asked the machine for it: `uname -m`. */
  readonly asked?: string | undefined;
}

/** A part of a word, and where in the script's text it comes from. */
export interface Segment {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The variable that it is the value of, or a part of the value. */
  readonly variable?: string | undefined;
  /** Where the variable was set. */
  readonly range?: Range | undefined;
  readonly asked?: string | undefined;
  /** Whether blanks in it part words: it is an expansion outside of quotes. */
  readonly isSplit: boolean;
}

/** A word after its expansions. */
export interface Field {
  readonly text: string;
  readonly segments: readonly Segment[];
  readonly start: number;
  readonly end: number;
}

/** What a word or variable may grow to, in UTF-16 code units; longer ones tell nothing, and would double until no memory is left. */
const longest = 16_384;

/** The texts as one; a {@link hole} where it would be too long. */
export function joinedText(texts: readonly string[], separator: string): string {
  const length = texts.reduce((sum, text) => sum + text.length + separator.length, 0);
  return length > longest ? hole : texts.join(separator);
}

function isTooLong(segments: readonly Segment[]): boolean {
  return segments.reduce((sum, { text }) => sum + text.length, 0) > longest;
}

export const unknown: Value = { text: hole };

export function isKnown({ text }: Pick<Value, "text">): boolean {
  return !text.includes(hole);
}

/** What a word is worth as a whole: that of its one variable, or its text. */
export function valueOf({ text, segments }: Field, range?: Range): Value {
  const asked = segments.find((segment) => segment.asked !== undefined)?.asked;
  const from = segments.find((segment) => segment.range !== undefined)?.range;
  return { text, range: range ?? from, asked };
}

/** The words that a word becomes: none for an expansion that is empty, several where blanks stand in one. */
export function splitFields(segments: readonly Segment[], isQuoted: boolean): readonly Field[] {
  if (isTooLong(segments)) return [fieldOf(segments)];
  const fields: Segment[][] = [];
  let current: Segment[] | undefined = isQuoted ? [] : undefined;
  for (const segment of segments) {
    if (!segment.isSplit) {
      (current ??= []).push(segment);
      continue;
    }
    for (const [at, text] of segment.text.split(/[ \t\n]+/).entries()) {
      if (at > 0 && current !== undefined) {
        fields.push(current);
        current = undefined;
      }
      if (text !== "") (current ??= []).push({ ...segment, text });
    }
  }
  if (current !== undefined) fields.push(current);
  return fields.map(fieldOf);
}

export function fieldOf(segments: readonly Segment[]): Field {
  const start = segments.reduce((least, segment) => Math.min(least, segment.start), Infinity);
  const end = segments.reduce((most, segment) => Math.max(most, segment.end), -Infinity);
  if (isTooLong(segments)) {
    return { text: hole, segments: [{ text: hole, start, end, isSplit: false }], start, end };
  }
  return { text: segments.map((segment) => segment.text).join(""), segments, start, end };
}

/** Whether the word stands in the script as its text is, but for quotes around it. */
export function isWritten({ segments: [segment, ...others], text }: Field): boolean {
  return (
    segment !== undefined &&
    others.length === 0 &&
    segment.variable === undefined &&
    segment.end - segment.start === text.length
  );
}

/** Where a stretch of a word's text comes from. */
export function stretchIn(
  { segments, start, end }: Field,
  from: number,
  to: number,
): { readonly start: number; readonly end: number; readonly segment: Segment | undefined } {
  let at = 0;
  for (const segment of segments) {
    const behind = at + segment.text.length;
    if (from >= at && to <= behind) {
      const isLiteral =
        segment.variable === undefined && segment.end - segment.start === segment.text.length;
      if (!isLiteral) return { start: segment.start, end: segment.end, segment };
      return { start: segment.start + from - at, end: segment.start + to - at, segment };
    }
    at = behind;
  }
  return { start, end, segment: undefined };
}
