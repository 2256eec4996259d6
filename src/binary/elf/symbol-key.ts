/** Names of symbols as numbers: 53 bits tell a million names apart, and a library's 100,000 take 800 kB and no set-up. */

/** The two halves of a name's hash while it grows. */
interface Halves {
  first: number;
  second: number;
}

const start: Readonly<Halves> = { first: 0x2545f491, second: 0x9e3779b9 };
const factors = { first: 0x85ebca6b, second: 0xc2b2ae35 } as const;

/** The end of a version's part of the key; no name has one. */
const withoutVersion: Readonly<Halves> = { first: 0, second: 0 };

/**
 * The key of a definition: of its name, and of its version where one is given. Not secret and not safe against somebody
 * who looks for two names of one key.
 */
export function symbolKey(name: string, version?: string): number {
  return finish(halvesOf(name), version === undefined ? withoutVersion : halvesOf(version));
}

/** Hashes names where they stand in a string table, without making texts of them. */
export class SymbolKeys {
  readonly #bytes: Uint8Array;
  /** The halves and the end of the name that was read last. */
  readonly #name: Halves = { ...start };
  #end = 0;

  constructor(strings: Uint8Array) {
    this.#bytes = strings;
  }

  /** Reads the name at that place, up to its zero byte; its length, or `undefined` where it has no end. */
  read(offset: number): number | undefined {
    const bytes = this.#bytes;
    const size = bytes.byteLength;
    let { first, second } = start;
    let at = offset;
    let every = 0;
    for (; at < size; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === 0) break;
      every |= byte;
      first = Math.imul(first ^ byte, factors.first);
      second = Math.imul(((second << 7) | (second >>> 25)) ^ byte, factors.second);
    }
    if (at >= size) return undefined;
    this.#end = at;
    this.#name.first = first;
    this.#name.second = second;
    if (every >= 0x80) this.#readText(offset);
    return at - offset;
  }

  /** The key of the name that was read last, with a version that {@link versionHalves} made. */
  key(version: Readonly<Halves> = withoutVersion): number {
    return finish(this.#name, version);
  }

  /** A name beyond ASCII counts as its text does, so that a damaged one has the key of what is shown of it. */
  #readText(offset: number): void {
    const text = Buffer.from(this.#bytes.subarray(offset, this.#end)).toString("utf8");
    const { first, second } = halvesOf(text);
    this.#name.first = first;
    this.#name.second = second;
  }
}

/** A version's part of many keys. */
export function versionHalves(version: string): Readonly<Halves> {
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
function finish(name: Readonly<Halves>, version: Readonly<Halves>): number {
  let first = name.first ^ Math.imul(version.first, 0x9e3779b1);
  let second = name.second ^ Math.imul(version.second, 0x27d4eb2f);
  first =
    Math.imul(first ^ (first >>> 16), 0x85ebca6b) ^ Math.imul(second ^ (second >>> 13), 0xc2b2ae35);
  second =
    Math.imul(second ^ (second >>> 16), 0x85ebca6b) ^ Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  first ^= first >>> 16;
  second ^= second >>> 16;
  return (second & 0x1fffff) * 2 ** 32 + (first >>> 0);
}
