/** Edits as offsets of a text, and the text that they make. */
import type { Range } from "../dockerfile/range.ts";
import type { Edit } from "./rules/rule.ts";

/** A stretch of a text by its offsets, the end exclusive. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Takes the place of a stretch; of an empty one nothing is taken, and it is put in there. */
export interface Splice extends Stretch {
  readonly text: string;
}

/** Reads ranges as stretches of a text, which may begin with a byte order mark. */
export interface Places {
  /** Undefined for a range that the text does not have. */
  stretchOf(range: Range): Stretch | undefined;
  /** What an edit writes: its lines end as the one does that it stands in. */
  writtenBy(edit: Edit): string;
}

export function placesIn(text: string): Places {
  const starts = [text.startsWith("\uFEFF") ? 1 : 0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  const offsetOf = (line: number, column: number) => {
    const start = starts[line - 1];
    if (start === undefined || column < 1) return undefined;
    const end = (starts[line] ?? text.length + 1) - 1;
    return start + column - 1 > end ? undefined : start + column - 1;
  };
  /** The last line, which ends in nothing, is taken for the one before it. */
  const endsInReturn = (line: number) => {
    const next = starts[line] ?? starts.at(-1) ?? 0;
    return text[next - 2] === "\r";
  };
  return {
    stretchOf({ line, column, endLine, endColumn }) {
      const start = offsetOf(line, column);
      const end = offsetOf(endLine, endColumn);
      return start === undefined || end === undefined || end < start ? undefined : { start, end };
    },
    writtenBy({ text: own, range }) {
      return own.includes("\n") && endsInReturn(range.line)
        ? own.replaceAll(/\r?\n/g, "\r\n")
        : own;
    },
  };
}

/** Splices of one text that go together, in the order in which they stand there. */
export interface Splices {
  readonly list: readonly Splice[];
  /** Takes all of them, the same one only once, or none: `false` where two want one stretch for different texts. */
  add(splices: readonly Splice[]): boolean;
}

/** What is put in at one place stays in the order in which it was added, before what takes the place of a stretch there. */
export function createSplices(): Splices {
  const list: Splice[] = [];
  const known = new Set<string>();
  const take = (splice: Splice) => {
    const next = list[firstIndex(list, ({ end }) => end > splice.start)];
    if (next !== undefined && next.start < splice.end) return false;
    const isBehind = ({ start, end }: Splice) =>
      start > splice.start || (start === splice.start && end > splice.end);
    list.splice(firstIndex(list, isBehind), 0, splice);
    return true;
  };
  return {
    list,
    add(splices) {
      const taken: Splice[] = [];
      for (const splice of splices) {
        const key = `${splice.start} ${splice.end} ${splice.text}`;
        if (known.has(key)) continue;
        if (!take(splice)) {
          for (const one of taken) {
            list.splice(list.indexOf(one), 1);
            known.delete(`${one.start} ${one.end} ${one.text}`);
          }
          return false;
        }
        known.add(key);
        taken.push(splice);
      }
      return true;
    },
  };
}

/** The first in a list that is ordered by the question: once it holds, it holds to the end. The length where it never does. */
export function firstIndex<T>(list: readonly T[], holds: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const item = list[middle];
    if (item !== undefined && !holds(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The text with its splices carried out, which are in order. */
export function spliced(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, text: own } of splices) {
    parts.push(text.slice(at, start), own);
    at = end;
  }
  return [...parts, text.slice(at)].join("");
}
