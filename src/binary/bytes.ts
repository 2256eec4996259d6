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

/** A file that is at hand whole. */
export function wholeFile(bytes: Uint8Array): FileBytes {
  return {
    size: bytes.byteLength,
    read: ({ offset, length }) => bytes.subarray(offset, offset + length),
  };
}
