/** A table of names that end with a zero byte: ELF's, the loader cache's. */

/** What no name of a file is longer than. */
const mostNameBytes = 65536;

/** All names of a table together, as a multiple of its bytes: names may share their ends, and a hostile table shares one a million times. */
const mostShare = 8;

export class StringTable {
  readonly bytes: Uint8Array;
  /** How many bytes may still be read before the table counts as hostile. */
  #left: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#left = bytes.byteLength * mostShare + mostNameBytes;
  }

  /** Whether names shared more bytes than any linker's do: what was read since is not all there is. */
  get isSpent(): boolean {
    return this.#left < 0;
  }

  /** Counts bytes that someone else reads of {@link bytes}; whether they may be read. */
  spend(count: number): boolean {
    this.#left -= count;
    return this.#left >= 0;
  }

  /** The name at that place; `undefined` where the table does not hold it, or it has no end. */
  at(offset: number): string | undefined {
    const end = offset < this.bytes.byteLength ? this.bytes.indexOf(0, offset) : -1;
    if (end < 0 || end - offset > mostNameBytes || !this.spend(end - offset + 1)) return undefined;
    return textOf(this.bytes, offset, end);
  }
}

/** UTF-8, which names of symbols and files hardly ever need. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  for (let at = start; at < end; at += 1) {
    if ((bytes[at] ?? 0) >= 0x80) return buffer.toString("utf8");
  }
  return buffer.toString("latin1");
}
