/**
 * Symbols as bytes, for the cache of a layer's facts: lists of keys as they are in memory, names in one text. Numbers are in this
 * machine's byte order: the cache is nobody else's.
 */
import type { ElfSymbols, ImportedSymbol } from "./symbols.ts";

/** Raised whenever the bytes, or the keys in them, come to mean something else. */
const format = 2;

const lists = ["versioned", "open", "plain", "oldest"] as const;

/** Format, flags, number of imports, bytes of their text, and the length of each list; four bytes each. */
const headerBytes = (4 + lists.length) * 4;

const objectFlags = { hasVersions: 1 } as const;

const importFlags = { weak: 1, eager: 2, versioned: 4 } as const;

export function encodeSymbols({ imports, exports }: ElfSymbols): Uint8Array {
  // Each name with its version behind it, where it has one: no name holds a zero byte.
  const text = Buffer.from(
    imports
      .map(({ name, version }) => (version === undefined ? name : `${name}\0${version}`))
      .join("\0"),
  );
  const keyCount = lists.reduce((sum, list) => sum + exports[list].length, 0);
  const bytes = Buffer.allocUnsafe(headerBytes + keyCount * 8 + imports.length + text.byteLength);
  const put = (array: Float64Array | Uint32Array, at: number): number => {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    return at + array.byteLength;
  };
  const header = Uint32Array.of(
    format,
    exports.hasVersions ? objectFlags.hasVersions : 0,
    imports.length,
    text.byteLength,
    ...lists.map((list) => exports[list].length),
  );
  let at = put(header, 0);
  for (const list of lists) at = put(exports[list], at);
  for (const one of imports) {
    bytes[at] = flagsOf(one);
    at += 1;
  }
  bytes.set(text, at);
  return bytes;
}

/** @throws RangeError where the bytes are cut short or were not written by {@link encodeSymbols}. */
export function decodeSymbols(bytes: Uint8Array): ElfSymbols {
  if (bytes.byteLength < headerBytes) throw new RangeError("Symbols that are cut short.");
  const [found, flagsOfObject = 0, importCount = 0, textBytes = 0, ...lengths] = new Uint32Array(
    new Uint8Array(bytes.subarray(0, headerBytes)).buffer,
  );
  if (found !== format) throw new RangeError("Symbols of another format.");
  const keyBytes = lengths.reduce((sum, length) => sum + length * 8, 0);
  if (bytes.byteLength !== headerBytes + keyBytes + importCount + textBytes) {
    throw new RangeError("Symbols of another length than they say.");
  }
  let at = headerBytes;
  const [versioned, open, plain, oldest] = lengths.map((length) => {
    const keys = readKeys(bytes, at, length);
    at += length * 8;
    return keys;
  });
  if (!versioned || !open || !plain || !oldest) throw new RangeError("Symbols without lists.");
  const flags = bytes.subarray(at, at + importCount);
  const text = Buffer.from(bytes.subarray(at + importCount)).toString("utf8");
  const hasVersions = (flagsOfObject & objectFlags.hasVersions) !== 0;
  return {
    imports: readImports(flags, text),
    exports: { versioned, open, plain, oldest, hasVersions },
  };
}

function readKeys(bytes: Uint8Array, at: number, length: number): Float64Array {
  return new Float64Array(new Uint8Array(bytes.subarray(at, at + length * 8)).buffer);
}

function readImports(flags: Uint8Array, text: string): readonly ImportedSymbol[] {
  const words = text.split("\0");
  let next = 0;
  const word = () => {
    const found = words[next];
    next += 1;
    if (found === undefined) throw new RangeError("Symbols without names.");
    return found;
  };
  return Array.from(flags, (flag) => {
    const name = word();
    const [isWeak, isEager] = [(flag & importFlags.weak) !== 0, (flag & importFlags.eager) !== 0];
    if ((flag & importFlags.versioned) === 0) return { name, isWeak, isEager };
    return { name, version: word(), isWeak, isEager };
  });
}

function flagsOf({ version, isWeak, isEager }: ImportedSymbol): number {
  return (
    (isWeak ? importFlags.weak : 0) |
    (isEager ? importFlags.eager : 0) |
    (version === undefined ? 0 : importFlags.versioned)
  );
}
