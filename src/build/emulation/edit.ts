/** Changes of a text: each replaces a stretch, or stands before what is at its place where that is empty. */

export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export function insertion(at: number, text: string): Edit {
  return { start: at, end: at, text };
}

/** The text with its changes; of two that overlap the first counts. */
export function edited(text: string, edits: readonly Edit[]): string {
  const sorted = edits
    .map((edit, order) => ({ ...edit, order }))
    .toSorted(
      (one, other) => one.start - other.start || one.end - other.end || one.order - other.order,
    );
  let result = "";
  let at = 0;
  for (const { start, end, text: put } of sorted) {
    if (start < at) continue;
    result += text.slice(at, start) + put;
    at = end;
  }
  return result + text.slice(at);
}
