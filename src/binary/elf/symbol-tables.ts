/** Finds what tells the dynamic symbols as the loaders do: by the dynamic section, never by sections, which may be stripped. */
import { type DynamicSection, dynamicTags, tableOf } from "./dynamic-section.ts";
import { hashedSymbols } from "./hash-tables.ts";
import type { ElfHeader } from "./header.ts";
import { machines, type Place } from "./layout.ts";
import { markNamedSymbols, named, relocationBytes } from "./relocations.ts";
import type { ElfSource, ElfTable } from "./source.ts";
import { versionNames, type VersionTables } from "./versions.ts";

/** More symbols than any object has. */
const mostSymbols = 4_000_000;

/** Names and relocations of the largest libraries that there are take 30 MiB. */
const mostTableBytes = 48 * 1024 * 1024;

/** All that tells an object's dynamic symbols, where it stands in the file: few of an image's objects are ever loaded. */
export interface SymbolTables extends Pick<ElfHeader, "machine" | "bits" | "littleEndian"> {
  /** How many symbols there are, and the first one that others can find. */
  readonly count: number;
  readonly firstExported: number;
  /** `count` entries (`Elf32_Sym`, `Elf64_Sym`). */
  readonly symbols: Uint8Array;
  readonly strings: Uint8Array;
  /** What the relocations say of each symbol, {@link named}. */
  readonly marks: Uint8Array;
  /** The version number of each symbol (`.gnu.version`), where the object has them. */
  readonly versionOf?: Uint8Array;
  /** The name of each version by its number. */
  readonly versionNames: ReadonlyMap<number, string>;
}

/** `undefined` where the object has no dynamic symbols, or they are damaged beyond reading. */
export function readSymbolTables(
  source: ElfSource,
  section: DynamicSection,
  versions: VersionTables,
  header: ElfHeader,
): SymbolTables | undefined {
  const place = tableOf(section, dynamicTags.symbols, source);
  const { strings } = section;
  if (place === undefined) return undefined;
  const tableBytes = (strings?.bytes.byteLength ?? 0) + relocationBytes(section, source);
  if (strings === undefined || tableBytes > mostTableBytes) {
    source.isTooMuch ||= section.names !== undefined;
    return undefined;
  }
  const { bytes: entryBytes } = symbolEntry[header.bits];
  const bound = boundOf(source, section, place, entryBytes);
  const hashed = hashedSymbols(source, section, header, bound);
  const marked = markNamedSymbols(source, section, header, bound);
  const mips = mipsGot(section, header, bound);
  const count = Math.max(hashed.count, marked.count, mips.count);
  const symbols = source.table(place.offset, count * entryBytes);
  if (symbols === undefined) return undefined;
  for (let index = mips.first; index < mips.count; index += 1) {
    marked.marks[index] = (marked.marks[index] ?? 0) | mipsMark(source, symbols, index, header);
  }
  const { machine, bits, littleEndian } = header;
  const versionOf = hasVersions(versions) ? versionsOf(source, section, count) : undefined;
  return {
    machine,
    bits,
    littleEndian,
    count,
    firstExported: hashed.first,
    symbols: symbols.bytes,
    strings: strings.bytes,
    marks: marked.marks.subarray(0, count),
    ...(versionOf === undefined ? {} : { versionOf: versionOf.bytes }),
    versionNames: versionNames(versions),
  };
}

/** The bytes of an entry, and the offsets of its fields; its name is the first (`Elf32_Sym`, `Elf64_Sym`). */
export const symbolEntry = {
  32: { bytes: 16, value: 4, info: 12, other: 13, place: 14 },
  64: { bytes: 24, info: 4, other: 5, place: 6, value: 8 },
} as const;

/** How many symbols there can be: up to the string table where that follows, as it does by custom, else to the segment's end. */
function boundOf(
  source: ElfSource,
  section: DynamicSection,
  { offset, end }: Place,
  entryBytes: number,
): number {
  const strings = tableOf(section, dynamicTags.strings, source);
  const stop = strings !== undefined && strings.offset > offset ? strings.offset : end;
  return Math.min(Math.floor((Math.min(stop, end) - offset) / entryBytes), mostSymbols);
}

function versionsOf(
  source: ElfSource,
  section: DynamicSection,
  count: number,
): ElfTable | undefined {
  const place = tableOf(section, dynamicTags.versionOfSymbols, source);
  if (place === undefined) return undefined;
  return source.table(place.offset, Math.min(count * 2, place.end - place.offset));
}

/** Without either, the loader takes no notice of the symbols' numbers. */
function hasVersions({ needs, definitions = [] }: VersionTables): boolean {
  return definitions.length > 0 || needs.some(({ versions }) => versions.length > 0);
}

/** MIPS names symbols by their place in the global offset table, without relocations. */
function mipsGot({ values }: DynamicSection, { machine }: ElfHeader, bound: number) {
  const first = values.get(dynamicTags.mipsGotSymbol);
  const count = values.get(dynamicTags.mipsSymbolCount);
  if (machine !== machines.mips || first === undefined || count === undefined) {
    return { first: 0, count: 0 };
  }
  return { first, count: Math.min(count, bound) };
}

/** A function with a value has a stub, which is bound when it is first called (glibc, `elf_machine_got_rel`). */
function mipsMark(
  source: ElfSource,
  symbols: ElfTable,
  index: number,
  { bits }: ElfHeader,
): number {
  const field = symbolEntry[bits];
  const at = index * field.bytes;
  const info = symbols.view.getUint8(at + field.info);
  const value = source.word(symbols, at + field.value);
  return (info & 0xf) === 2 && value !== 0 ? named.lazily : named.eagerly;
}
