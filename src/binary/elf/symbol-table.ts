/** Reads the dynamic symbol table as the loaders do: by the dynamic section, never by sections, which may be stripped. */
import type { StringTable } from "../strings.ts";
import { type DynamicSection, dynamicTags, tableOf } from "./dynamic-section.ts";
import type { ElfHeader } from "./header.ts";
import { hashedSymbols } from "./hash-tables.ts";
import { KeyList } from "./key-list.ts";
import { machines, type Place } from "./layout.ts";
import { markNamedSymbols, named, relocationBytes } from "./relocations.ts";
import type { ElfSource, ElfTable } from "./source.ts";
import { type Halves, SymbolKeys, versionHalves } from "./symbol-key.ts";
import type { ElfSymbols, ExportedSymbols, ImportedSymbol } from "./symbols.ts";
import { isHidden, versionIndexMask, versionNames, type VersionTables } from "./versions.ts";

/** More symbols than any object has, and more than any asks of others. */
const mostSymbols = 4_000_000;
const mostImports = 200_000;

/** Names and relocations of the largest libraries that there are take 30 MiB. */
const mostTableBytes = 48 * 1024 * 1024;

/** Undefined, and a value that no address has to be loaded for (`SHN_UNDEF`, `SHN_ABS`). */
const places = { undefined: 0, absolute: 0xfff1 } as const;

const bindings = { local: 0, global: 1, weak: 2, unique: 10 } as const;
const threadLocal = 6;

/** The types of code and data: `STT_NOTYPE`, `OBJECT`, `FUNC`, `COMMON`, `TLS`, `GNU_IFUNC` (glibc, `ALLOWED_STT`). */
const loadableTypes = (1 << 0) | (1 << 1) | (1 << 2) | (1 << 5) | (1 << 6) | (1 << 10);

/** `STV_INTERNAL`, `STV_HIDDEN`: not seen by other objects. */
const isLocalVisibility = (other: number) => (other & 3) === 1 || (other & 3) === 2;

/** `STO_AARCH64_VARIANT_PCS`, `STO_RISCV_VARIANT_CC`: bound at once, for the lazy way would spoil its registers. */
const variantCall: Readonly<Record<number, number>> = { 183: 0x80, 243: 0x80 };

interface SymbolTable {
  readonly source: ElfSource;
  readonly header: ElfHeader;
  readonly strings: StringTable;
  readonly symbols: ElfTable;
  /** The version number of each symbol (`.gnu.version`), where the object has them. */
  readonly versionOf?: ElfTable;
  readonly names: ReadonlyMap<number, string>;
  /** How many symbols the table has, and the first one that others can find. */
  readonly count: number;
  readonly firstExported: number;
}

/** `undefined` where the object has no dynamic symbols, or they are damaged beyond reading. */
export function readSymbols(
  source: ElfSource,
  section: DynamicSection,
  versions: VersionTables,
  header: ElfHeader,
): ElfSymbols | undefined {
  const place = tableOf(section, dynamicTags.symbols, source);
  const { strings } = section;
  if (place === undefined) return undefined;
  const tableBytes = (strings?.bytes.byteLength ?? 0) + relocationBytes(section, source);
  if (strings === undefined || tableBytes > mostTableBytes) {
    source.isTooMuch ||= section.names !== undefined;
    return undefined;
  }
  const entryBytes = 2 * source.wordBytes + 8;
  const bound = boundOf(source, section, place, entryBytes);
  const hashed = hashedSymbols(source, section, header, bound);
  const marked = markNamedSymbols(source, section, header, bound);
  const mips = mipsGot(section, header, bound);
  const count = Math.max(hashed.count, marked.count, mips.count);
  const symbols = source.table(place.offset, count * entryBytes);
  if (symbols === undefined) return undefined;
  const names = versionNames(versions);
  const versionOf = hasVersions(versions) ? versionsOf(source, section, count) : undefined;
  const table: SymbolTable = {
    source,
    header,
    strings,
    symbols,
    names,
    count,
    firstExported: hashed.first,
    ...(versionOf === undefined ? {} : { versionOf }),
  };
  for (let index = mips.first; index < mips.count; index += 1) {
    marked.marks[index] = (marked.marks[index] ?? 0) | mipsMark(table, index);
  }
  return { imports: importsOf(table, marked.marks), exports: exportsOf(table) };
}

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
function mipsMark({ source, symbols }: SymbolTable, index: number): number {
  const at = index * (2 * source.wordBytes + 8);
  const info = symbols.view.getUint8(at + (source.wordBytes === 8 ? 4 : 12));
  const value = source.word(symbols, at + (source.wordBytes === 8 ? 8 : 4));
  return (info & 0xf) === 2 && value !== 0 ? named.lazily : named.eagerly;
}

function importsOf(
  { source, header, strings, symbols, versionOf, names, count }: SymbolTable,
  marks: Uint8Array,
): readonly ImportedSymbol[] {
  const { view } = symbols;
  const { littleEndian, wordBytes } = source;
  const [entryBytes, info, other, place] = wordBytes === 8 ? [24, 4, 5, 6] : [16, 12, 13, 14];
  const variant = variantCall[header.machine] ?? 0;
  const imports: ImportedSymbol[] = [];
  for (let index = 1; index < count; index += 1) {
    const mark = marks[index] ?? 0;
    if (mark === 0) continue;
    const at = index * entryBytes;
    const isElsewhere =
      view.getUint16(at + place, littleEndian) === places.undefined || (mark & named.copied) !== 0;
    const binding = view.getUint8(at + info) >> 4;
    // Of a local or hidden symbol the object's own definition counts, or none.
    if (!isElsewhere || binding === bindings.local) continue;
    if (isLocalVisibility(view.getUint8(at + other))) continue;
    const name = strings.at(view.getUint32(at, littleEndian));
    if (name === undefined || name === "") continue;
    if (imports.length === mostImports) {
      source.isTooMuch = true;
      break;
    }
    const version = names.get(versionNumber(versionOf, index, littleEndian) & versionIndexMask);
    const isWeak = binding === bindings.weak;
    const isEager = (mark & named.eagerly) !== 0 || (view.getUint8(at + other) & variant) !== 0;
    imports.push(
      version === undefined ? { name, isWeak, isEager } : { name, version, isWeak, isEager },
    );
  }
  return imports;
}

/** 1 where nothing says more: a global symbol without a version. */
function versionNumber(
  versionOf: ElfTable | undefined,
  index: number,
  littleEndian: boolean,
): number {
  if (versionOf === undefined || index * 2 + 2 > versionOf.bytes.byteLength) return 1;
  return versionOf.view.getUint16(index * 2, littleEndian);
}

function exportsOf(table: SymbolTable): ExportedSymbols {
  const { source, strings, symbols, versionOf, names, count, firstExported } = table;
  const { littleEndian } = source;
  const entryBytes = 2 * source.wordBytes + 8;
  const keys = new SymbolKeys(strings.bytes);
  const versions: Halves[] = [];
  for (const [index, name] of names) versions[index] = versionHalves(name);
  const [versioned, open] = [new KeyList(), new KeyList()];
  const [plain, oldest] = [new KeyList(), new KeyList()];
  for (let index = firstExported; index < count; index += 1) {
    const at = index * entryBytes;
    if (!isExported(source, symbols, at)) continue;
    const length = keys.read(symbols.view.getUint32(at, littleEndian));
    if (!strings.spend(length)) break;
    if (length === 0) continue;
    const number = versionNumber(versionOf, index, littleEndian);
    const version = versions[number & versionIndexMask];
    if (version !== undefined) versioned.add(keys.key(version));
    if (isHidden(number)) {
      if ((number & versionIndexMask) < 3) oldest.add(keys.key());
    } else if (version === undefined) open.add(keys.key());
    else plain.add(keys.key());
  }
  return {
    versioned: versioned.sorted(),
    open: open.sorted(),
    plain: plain.sorted(),
    oldest: oldest.sorted(),
    hasVersions: versionOf !== undefined,
  };
}

/** Whether the loader takes the symbol for a definition that others may use (glibc, `check_match` and `do_lookup_x`). */
function isExported(
  { wordBytes, littleEndian }: ElfSource,
  { bytes, view }: ElfTable,
  at: number,
): boolean {
  const is64 = wordBytes === 8;
  const place = view.getUint16(at + (is64 ? 6 : 14), littleEndian);
  if (place === places.undefined) return false;
  const info = bytes[at + (is64 ? 4 : 12)] ?? 0;
  const [binding, type] = [info >> 4, info & 0xf];
  if (binding !== bindings.global && binding !== bindings.weak && binding !== bindings.unique) {
    return false;
  }
  if (((1 << type) & loadableTypes) === 0) return false;
  if (isLocalVisibility(bytes[at + (is64 ? 5 : 13)] ?? 0)) return false;
  if (place === places.absolute || type === threadLocal) return true;
  const value = at + (is64 ? 8 : 4);
  return view.getUint32(value, true) !== 0 || (is64 && view.getUint32(value + 4, true) !== 0);
}
