/** A file of which some bytes are at hand: the whole of a small one, ranges of a large one that has streamed by. */

/** Bytes of a file, from `offset` on. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface FileBytes {
  /** Bytes of the whole file. */
  readonly size: number;
  /**
   * The bytes of a range that lies in the file, without copying. `undefined` where they were not kept; ask
   * {@link FileBytes.size} first whether they exist at all.
   */
  read(range: ByteRange): Uint8Array | undefined;
}

/** Bytes that were kept of a file. */
export interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A file that is at hand whole. */
export function wholeFile(bytes: Uint8Array): FileBytes {
  return {
    size: bytes.byteLength,
    read: ({ offset, length }) => bytes.subarray(offset, offset + length),
  };
}

/** A file of which pieces were kept, as {@link mergeRanges} orders them: a range is read where one piece holds it whole. */
export function partialFile(size: number, pieces: readonly Piece[]): FileBytes {
  return {
    size,
    read: ({ offset, length }) => {
      const holder = pieces.find(
        (piece) =>
          piece.offset <= offset && offset + length <= piece.offset + piece.bytes.byteLength,
      );
      return holder?.bytes.subarray(offset - holder.offset, offset - holder.offset + length);
    },
  };
}

/** The same bytes in ascending order, within a file of that size, those joined that touch. */
export function mergeRanges(ranges: readonly ByteRange[], size: number): readonly ByteRange[] {
  const sorted = ranges
    .map(({ offset, length }) => {
      return { start: Math.min(offset, size), end: Math.min(offset + length, size) };
    })
    .filter(({ start, end }) => start < end)
    .toSorted((one, other) => one.start - other.start);
  const merged: { readonly start: number; end: number }[] = [];
  for (const { start, end } of sorted) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ start, end });
  }
  return merged.map(({ start, end }) => ({ offset: start, length: end - start }));
}

/** Those very bytes, read as numbers. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
