/** What the dynamic symbol table says, once somebody asks (glibc, `elf/dl-lookup.c`). */
import { viewOf } from "../bytes.ts";
import { StringTable } from "../strings.ts";
import { KeyList } from "./key-list.ts";
import { named } from "./relocations.ts";
import { type Halves, SymbolKeys, versionHalves } from "./symbol-key.ts";
import { symbolEntry, type SymbolTables } from "./symbol-tables.ts";
import type { ElfSymbols, ExportedSymbols, ImportedSymbol } from "./symbols.ts";
import { isHidden, versionIndexMask } from "./versions.ts";

/** More than any object asks of others. */
const mostImports = 200_000;

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

/**
 * What the tables say; `undefined` where names share more bytes than any linker makes them share, or more are imported than any
 * object does: then not all of it was looked at.
 */
export function symbolsOf(tables: SymbolTables): ElfSymbols | undefined {
  const strings = new StringTable(tables.strings);
  const imports = importsOf(tables, strings);
  const exports = exportsOf(tables, strings);
  return imports === undefined || strings.isSpent ? undefined : { imports, exports };
}

function importsOf(
  tables: SymbolTables,
  strings: StringTable,
): readonly ImportedSymbol[] | undefined {
  const { machine, bits, littleEndian, marks, count, versionNames } = tables;
  const view = viewOf(tables.symbols);
  const { bytes: entryBytes, info, other, place } = symbolEntry[bits];
  const versionNumber = versionNumbers(tables);
  const variant = variantCall[machine] ?? 0;
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
    if (imports.length === mostImports) return undefined;
    const version = versionNames.get(versionNumber(index) & versionIndexMask);
    const isWeak = binding === bindings.weak;
    const isEager = (mark & named.eagerly) !== 0 || (view.getUint8(at + other) & variant) !== 0;
    imports.push(
      version === undefined ? { name, isWeak, isEager } : { name, version, isWeak, isEager },
    );
  }
  return imports;
}

/** The version number of a symbol: 1 where nothing says more, a global symbol without a version. */
function versionNumbers({ versionOf, littleEndian }: SymbolTables): (index: number) => number {
  if (versionOf === undefined) return () => 1;
  const view = viewOf(versionOf);
  return (index) =>
    index * 2 + 2 > versionOf.byteLength ? 1 : view.getUint16(index * 2, littleEndian);
}

function exportsOf(tables: SymbolTables, strings: StringTable): ExportedSymbols {
  const { count, firstExported, littleEndian } = tables;
  const view = viewOf(tables.symbols);
  const { bytes: entryBytes } = symbolEntry[tables.bits];
  const versionNumber = versionNumbers(tables);
  const keys = new SymbolKeys(strings.bytes);
  const versions: Halves[] = [];
  for (const [index, name] of tables.versionNames) versions[index] = versionHalves(name);
  const [versioned, open] = [new KeyList(), new KeyList()];
  const [plain, oldest] = [new KeyList(), new KeyList()];
  for (let index = firstExported; index < count; index += 1) {
    const at = index * entryBytes;
    if (!isExported(tables, view, at)) continue;
    const length = keys.read(view.getUint32(at, littleEndian));
    if (!strings.spend(length)) break;
    if (length === 0) continue;
    const number = versionNumber(index);
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
    hasVersions: tables.versionOf !== undefined,
  };
}

/** Whether the loader takes the symbol for a definition that others may use (glibc, `check_match` and `do_lookup_x`). */
function isExported({ bits, littleEndian }: SymbolTables, view: DataView, at: number): boolean {
  const field = symbolEntry[bits];
  const place = view.getUint16(at + field.place, littleEndian);
  if (place === places.undefined) return false;
  const info = view.getUint8(at + field.info);
  const [binding, type] = [info >> 4, info & 0xf];
  if (binding !== bindings.global && binding !== bindings.weak && binding !== bindings.unique) {
    return false;
  }
  if (((1 << type) & loadableTypes) === 0) return false;
  if (isLocalVisibility(view.getUint8(at + field.other))) return false;
  if (place === places.absolute || type === threadLocal) return true;
  const value = at + field.value;
  return (
    view.getUint32(value, true) !== 0 || (bits === 64 && view.getUint32(value + 4, true) !== 0)
  );
}
