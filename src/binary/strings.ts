/** A table of names that end with a zero byte: ELF's, the loader cache's. */

/** What no name of a file is longer than. */
const mostNameBytes = 65536;

/** All names of a table together, as a multiple of its bytes: names may share their ends, and a hostile table shares one a million times. */
const mostShare = 4;

export class StringTable {
  readonly bytes: Uint8Array;
  readonly #buffer: Buffer;
  /** How many bytes may still be read before the table counts as hostile. */
  #left: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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

  /** The name at that place, as UTF-8; `undefined` where the table does not hold it, or it has no end. */
  at(offset: number): string | undefined {
    const { bytes } = this;
    const last = Math.min(bytes.byteLength, offset + mostNameBytes);
    let every = 0;
    let end = offset;
    for (; end < last; end += 1) {
      const byte = bytes[end] ?? 0;
      if (byte === 0) break;
      every |= byte;
    }
    if (!this.spend(Math.max(end - offset, 0) + 1) || end >= last) return undefined;
    // The usual name is ASCII, and quicker to read as such.
    return this.#buffer.toString(every < 0x80 ? "latin1" : "utf8", offset, end);
  }
}
