/** Which symbols an object's relocations name, and when the loader looks them up (glibc, `elf/dynamic-link.h`, `elf_machine_lazy_rel`). */
import { type DynamicSection, dynamicTags, tableOf } from "./dynamic-section.ts";
import type { ElfHeader } from "./header.ts";
import { machines, type Place } from "./layout.ts";
import type { ElfSource, ElfTable } from "./source.ts";

/** What is known of a symbol by the relocations that name it; bits, one byte a symbol. */
export const named = {
  lazily: 1,
  eagerly: 2,
  /** Its bytes are copied from the definition elsewhere, though this object has a place for them (`R_*_COPY`). */
  copied: 4,
} as const;

interface RelocationTypes {
  /** `R_*_JUMP_SLOT`. */
  readonly jumpSlot: number;
  /** `R_*_COPY`. */
  readonly copy: number;
  /** `R_*_RELATIVE`: an address in the object itself. */
  readonly relative?: number;
}

/** By `e_machine`; the numbers are each psABI's. */
const types: Readonly<Record<number, RelocationTypes>> = {
  2: { jumpSlot: 21, copy: 19, relative: 22 },
  3: { jumpSlot: 7, copy: 5, relative: 8 },
  4: { jumpSlot: 21, copy: 19, relative: 22 },
  8: { jumpSlot: 127, copy: 126 },
  20: { jumpSlot: 21, copy: 19, relative: 22 },
  21: { jumpSlot: 21, copy: 19, relative: 22 },
  22: { jumpSlot: 11, copy: 9, relative: 12 },
  40: { jumpSlot: 22, copy: 20, relative: 23 },
  42: { jumpSlot: 164, copy: 162, relative: 165 },
  43: { jumpSlot: 21, copy: 19, relative: 22 },
  62: { jumpSlot: 7, copy: 5, relative: 8 },
  183: { jumpSlot: 1026, copy: 1024, relative: 1027 },
  243: { jumpSlot: 5, copy: 4, relative: 3 },
  258: { jumpSlot: 5, copy: 4, relative: 3 },
};

interface RelocationTable {
  readonly table: ElfTable;
  readonly entryBytes: number;
  /** Whether it is `DT_JMPREL`, of which the loader leaves jump slots for later. */
  readonly isLazy: boolean;
}

/** Marks symbols below `count` in a list of that many bytes ({@link named}), and tells how many symbols there are at least. */
export function markNamedSymbols(
  source: ElfSource,
  section: DynamicSection,
  { machine, bits }: ElfHeader,
  count: number,
): { readonly marks: Uint8Array; readonly count: number } {
  const marks = new Uint8Array(count);
  const known = types[machine] ?? { jumpSlot: -1, copy: -1 };
  let least = 0;
  for (const { table, entryBytes, isLazy } of relocationTables(source, section)) {
    const read = readerOf(source, table, machine, bits);
    const { byteLength } = table.bytes;
    for (let at = 0; at + entryBytes <= byteLength; at += entryBytes) {
      const symbol = read.symbol(at);
      if (symbol === 0 || symbol >= count) continue;
      const type = read.type(at);
      // `R_*_NONE`.
      if (type === 0) continue;
      const when = isLazy && type === known.jumpSlot ? named.lazily : named.eagerly;
      marks[symbol] = (marks[symbol] ?? 0) | when | (type === known.copy ? named.copied : 0);
      if (symbol >= least) least = symbol + 1;
    }
  }
  return { marks, count: least };
}

/** How many bytes of relocations the object claims, those left out that name no symbol. */
export function relocationBytes({ values }: DynamicSection, { wordBytes }: ElfSource): number {
  const size = (tag: number) => values.get(tag) ?? 0;
  const eager = size(dynamicTags.relaSize) - size(dynamicTags.relaCount) * 3 * wordBytes;
  const eagerPlain = size(dynamicTags.relSize) - size(dynamicTags.relCount) * 2 * wordBytes;
  return Math.max(eager, 0) + Math.max(eagerPlain, 0) + size(dynamicTags.pltRelocationsSize);
}

/**
 * Whether the first relocations, as many as it counts as relative to the object (`DT_RELACOUNT`), are. glibc's loader takes them to
 * be, also beyond the table's end (`elf/do-rel.h`). Linkers put them first, so that the last of them tells for all.
 */
export function areRelativesFirst(
  source: ElfSource,
  section: DynamicSection,
  { machine, bits }: ElfHeader,
): boolean {
  const relative = types[machine]?.relative;
  return eagerTables(source, section).every(({ place, bytes, relativeBytes, entryBytes }) => {
    if (relativeBytes === 0 || place === undefined) return true;
    if (relativeBytes > bytes) return false;
    const table = source.table(place.offset + relativeBytes - entryBytes, entryBytes);
    if (table === undefined || relative === undefined) return true;
    return readerOf(source, table, machine, bits).type(0) === relative;
  });
}

/** `r_info`, which 64-bit MIPS in little-endian order writes in an order of its own. */
export function readerOf(
  { littleEndian }: ElfSource,
  { view }: ElfTable,
  machine: number,
  bits: 32 | 64,
) {
  if (bits === 32) {
    return {
      symbol: (at: number) => view.getUint32(at + 4, littleEndian) >>> 8,
      type: (at: number) => view.getUint32(at + 4, littleEndian) & 0xff,
    };
  }
  if (machine === machines.mips) {
    return {
      symbol: (at: number) => view.getUint32(at + 8, littleEndian),
      type: (at: number) => view.getUint8(at + 15),
    };
  }
  const [symbol, type] = littleEndian ? [12, 8] : [8, 12];
  return {
    symbol: (at: number) => view.getUint32(at + symbol, littleEndian),
    type: (at: number) => view.getUint32(at + type, littleEndian),
  };
}

/** `DT_RELA` and `DT_REL`. The first entries are relative to the object itself, and name no symbol. */
function eagerTables(source: ElfSource, section: DynamicSection) {
  const { rela, relaSize, relaCount, rel, relSize, relCount } = dynamicTags;
  const tables = [
    { table: rela, size: relaSize, count: relaCount, entryBytes: 3 * source.wordBytes },
    { table: rel, size: relSize, count: relCount, entryBytes: 2 * source.wordBytes },
  ];
  return tables.map(({ table, size, count, entryBytes }) => ({
    place: tableOf(section, table, source),
    bytes: section.values.get(size) ?? 0,
    relativeBytes: (section.values.get(count) ?? 0) * entryBytes,
    entryBytes,
  }));
}

export function relocationTables(
  source: ElfSource,
  section: DynamicSection,
): readonly RelocationTable[] {
  const { values } = section;
  const size = (tag: number) => values.get(tag) ?? 0;
  const [relBytes, relaBytes] = [2 * source.wordBytes, 3 * source.wordBytes];
  const lazy = {
    place: tableOf(section, dynamicTags.pltRelocations, source),
    size: size(dynamicTags.pltRelocationsSize),
    entryBytes:
      values.get(dynamicTags.pltRelocationType) === dynamicTags.rel ? relBytes : relaBytes,
  };
  const tables: RelocationTable[] = [];
  const add = (place: Place, start: number, end: number, entryBytes: number, isLazy: boolean) => {
    const length = Math.min(end, place.end) - start;
    if (length < entryBytes) return;
    const table = source.table(start, length);
    if (table !== undefined) tables.push({ table, entryBytes, isLazy });
  };
  for (const { place, bytes, relativeBytes, entryBytes } of eagerTables(source, section)) {
    if (place === undefined) continue;
    // Some linkers count the lazy ones in, at the end.
    const end = place.offset + bytes;
    const isCountedIn =
      lazy.place !== undefined && lazy.place.offset > place.offset && lazy.place.offset < end;
    const stop = isCountedIn && lazy.place !== undefined ? lazy.place.offset : end;
    add(place, place.offset + relativeBytes, stop, entryBytes, false);
  }
  if (lazy.place !== undefined) {
    const { place, size: bytes, entryBytes } = lazy;
    add(place, place.offset, place.offset + bytes, entryBytes, true);
  }
  return tables;
}
