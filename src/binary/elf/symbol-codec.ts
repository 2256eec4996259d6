/**
 * The tables of an object's symbols as bytes, for the cache of a layer's facts. Numbers of the header are in this machine's byte
 * order: the cache is nobody else's.
 */
import { symbolEntry, type SymbolTables } from "./symbol-tables.ts";

/** Flags, machine, number of symbols, the first exported one, and the lengths of strings, version numbers and version names; four bytes each. */
const headerBytes = 7 * 4;

const flags = { is64: 1, littleEndian: 2, versions: 4 } as const;

/** In parts that stand one behind the other, among them the tables as they are: no copies. */
export function encodeSymbolTables(tables: SymbolTables): readonly Uint8Array[] {
  const { machine, count, firstExported, symbols, strings, marks, versionOf } = tables;
  // Each number with its name behind it: no name holds a zero byte.
  const names = Buffer.from([...tables.versionNames].flat().join("\0"));
  const header = Uint32Array.of(
    (tables.bits === 64 ? flags.is64 : 0) |
      (tables.littleEndian ? flags.littleEndian : 0) |
      (versionOf === undefined ? 0 : flags.versions),
    machine,
    count,
    firstExported,
    strings.byteLength,
    versionOf?.byteLength ?? 0,
    names.byteLength,
  );
  const bytes = new Uint8Array(header.buffer);
  return [bytes, symbols, strings, marks, versionOf ?? new Uint8Array(), names];
}

/** Views of those bytes. @throws RangeError where they are cut short or were not written by {@link encodeSymbolTables} */
export function decodeSymbolTables(bytes: Uint8Array): SymbolTables {
  if (bytes.byteLength < headerBytes) throw new RangeError("Symbols that are cut short.");
  const [bits = 0, machine = 0, count = 0, firstExported = 0, ...lengths] = new Uint32Array(
    new Uint8Array(bytes.subarray(0, headerBytes)).buffer,
  );
  const is64 = (bits & flags.is64) !== 0;
  const header = {
    machine,
    bits: is64 ? 64 : 32,
    littleEndian: (bits & flags.littleEndian) !== 0,
  } as const;
  const [stringBytes = 0, versionBytes = 0, nameBytes = 0] = lengths;
  const parts = [
    count * symbolEntry[header.bits].bytes,
    stringBytes,
    count,
    versionBytes,
    nameBytes,
  ];
  let at = headerBytes;
  const [symbols, strings, marks, versionOf, names] = parts.map((length) => {
    at += length;
    return bytes.subarray(at - length, at);
  });
  if (at !== bytes.byteLength || !symbols || !strings || !marks || !versionOf || !names) {
    throw new RangeError("Symbols of another length than they say.");
  }
  return {
    ...header,
    count,
    firstExported,
    symbols,
    strings,
    marks,
    ...((bits & flags.versions) === 0 ? {} : { versionOf }),
    versionNames: readNames(Buffer.from(names).toString("utf8")),
  };
}

function readNames(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const words = text === "" ? [] : text.split("\0");
  if (words.length % 2 !== 0) throw new RangeError("Symbols without names.");
  for (let at = 0; at < words.length; at += 2) {
    const number = Number(words[at]);
    if (!Number.isInteger(number) || number < 0 || number > 0xffff)
      throw new RangeError("Symbols without names.");
    names.set(number, words[at + 1] ?? "");
  }
  return names;
}
