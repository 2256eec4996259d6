/** Names of symbols as numbers: 53 bits tell a million names apart, and a library's 100,000 take 800 kB and no set-up. */

/** The two halves of a name's hash while it grows, 32 bits each. */
export interface Halves {
  readonly first: number;
  readonly second: number;
}

const start: Halves = { first: 0x2545f491, second: 0x9e3779b9 };
const factors = { first: 0x85ebca6b, second: 0xc2b2ae35 } as const;

/** The end of a version's part of the key; no name has one. */
const withoutVersion: Halves = { first: 0, second: 0 };

/**
 * The key of a definition: of its name, and of its version where one is given. Not secret and not safe against somebody
 * who looks for two names of one key.
 */
export function symbolKey(name: string, version?: string): number {
  const { first, second } = halvesOf(name);
  return finish(first, second, version === undefined ? withoutVersion : halvesOf(version));
}

/** Hashes names where they stand in a string table, without making texts of them. */
export class SymbolKeys {
  readonly #bytes: Uint8Array;
  /** The halves of the name that was read last. */
  #first = 0;
  #second = 0;

  constructor(strings: Uint8Array) {
    this.#bytes = strings;
  }

  /** Reads the name at that place, up to its zero byte: its length in bytes, 0 where it has no end. */
  read(offset: number): number {
    const bytes = this.#bytes;
    const size = bytes.byteLength;
    let { first, second } = start;
    let every = 0;
    let at = offset;
    for (; at < size; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === 0) break;
      every |= byte;
      first = Math.imul(first ^ byte, factors.first);
      second = Math.imul(((second << 7) | (second >>> 25)) ^ byte, factors.second);
    }
    if (at >= size) return 0;
    this.#first = first;
    this.#second = second;
    if (every >= 0x80) this.#readText(offset, at);
    return at - offset;
  }

  /** The key of the name that was read last, with a version that {@link versionHalves} made. */
  key(version: Halves = withoutVersion): number {
    return finish(this.#first, this.#second, version);
  }

  /** A name beyond ASCII counts as its text does, so that a damaged one has the key of what is shown of it. */
  #readText(offset: number, end: number): void {
    const text = Buffer.from(this.#bytes.subarray(offset, end)).toString("utf8");
    const { first, second } = halvesOf(text);
    this.#first = first;
    this.#second = second;
  }
}

/** A version's part of many keys. */
export function versionHalves(version: string): Halves {
  return halvesOf(version);
}

function halvesOf(text: string): Halves {
  let { first, second } = start;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code >= 0x80) return halvesOfBytes(Buffer.from(text));
    first = Math.imul(first ^ code, factors.first);
    second = Math.imul(((second << 7) | (second >>> 25)) ^ code, factors.second);
  }
  return { first, second };
}

function halvesOfBytes(bytes: Uint8Array): Halves {
  let { first, second } = start;
  for (const byte of bytes) {
    first = Math.imul(first ^ byte, factors.first);
    second = Math.imul(((second << 7) | (second >>> 25)) ^ byte, factors.second);
  }
  return { first, second };
}

/** Mixes every bit into every other (the last steps of MurmurHash3), 53 of them kept. */
function finish(first: number, second: number, version: Halves): number {
  let low = first ^ Math.imul(version.first, 0x9e3779b1);
  let high = second ^ Math.imul(version.second, 0x27d4eb2f);
  low =
    Math.imul(low ^ (low >>> 16), factors.first) ^ Math.imul(high ^ (high >>> 13), factors.second);
  high =
    Math.imul(high ^ (high >>> 16), factors.first) ^ Math.imul(low ^ (low >>> 13), factors.second);
  low ^= low >>> 16;
  high ^= high >>> 16;
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}
