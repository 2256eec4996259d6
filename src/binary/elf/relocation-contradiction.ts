/** Whether an object's relocations are what its loader takes them to be (glibc, `elf/do-rel.h`, `elf/dl-reloc.c`). */
import { type DynamicSection, dynamicTags, isBoundNow } from "./dynamic-section.ts";
import {
  type ElfLayout,
  loadedAt,
  pageBytes,
  placeOf,
  type Segment,
  segmentFlags,
  segmentTypes,
} from "./layout.ts";
import { areRelativesFirst, readerOf, relocationTables } from "./relocations.ts";
import type { ElfSource } from "./source.ts";

/** The greatest number that a psABI gives a relocation of dynamic objects is AArch64's 1032. */
const mostType = 0x7ff;

/** `DF_TEXTREL`. */
const textRelocations = 4;

const sizes = [
  { table: dynamicTags.rela, size: dynamicTags.relaSize, words: 3 },
  { table: dynamicTags.rel, size: dynamicTags.relSize, words: 2 },
  { table: dynamicTags.relr, size: dynamicTags.relrSize, words: 1 },
  { table: dynamicTags.initArray, size: dynamicTags.initArraySize, words: 1 },
  { table: dynamicTags.finiArray, size: dynamicTags.finiArraySize, words: 1 },
] as const;

export function relocationContradiction(
  source: ElfSource,
  section: DynamicSection,
  layout: ElfLayout,
): string | undefined {
  const { values } = section;
  const lazyWords = values.get(dynamicTags.pltRelocationType) === dynamicTags.rel ? 2 : 3;
  const { pltRelocations: table, pltRelocationsSize: size } = dynamicTags;
  const isWhole = [...sizes, { table, size, words: lazyWords }].every((one) =>
    endsWhole(section, one, source.wordBytes),
  );
  if (!isWhole) return "a table of its dynamic section is not of whole entries";
  if (!areRelativesFirst(source, section, layout))
    return "its dynamic section counts more relative relocations than come first";
  return placeContradiction(source, section, layout);
}

/** Whether a table is of whole entries, begins at a whole word, and ends where its segment still is. */
function endsWhole(
  { values, segments }: DynamicSection,
  { table, size, words }: { readonly table: number; readonly size: number; readonly words: number },
  wordBytes: number,
): boolean {
  const bytes = values.get(size) ?? 0;
  const address = values.get(table) ?? 0;
  const place = placeOf(segments, address, Infinity);
  if (place === undefined) return true;
  if (address % wordBytes !== 0) return false;
  return bytes % (words * wordBytes) === 0 && place.offset + bytes <= place.end;
}

function placeContradiction(
  source: ElfSource,
  section: DynamicSection,
  { segments, machine, bits }: ElfLayout,
): string | undefined {
  const isWritable = writableIn(segments, mayWriteText(section));
  const isLate = isBoundNow(section.values) ? () => false : protectedIn(segments);
  for (const { table, entryBytes, isLazy } of relocationTables(source, section)) {
    const { type } = readerOf(source, table, machine, bits);
    for (let at = 0; at + entryBytes <= table.bytes.byteLength; at += entryBytes) {
      const kind = type(at);
      // `R_*_NONE` is passed over, but not where a function is expected.
      if (kind === 0 && !isLazy) continue;
      const address = source.word(table, at);
      if (kind === 0 || kind > mostType) return "a relocation is of no kind";
      if (!isWritable(address)) return "a relocation is of what cannot be written to";
      if (isLazy && isLate(address))
        return "what is written later is to be read-only after relocation";
    }
  }
  return undefined;
}

/** Whether what is read-only is made writable for its relocations (`DT_TEXTREL`). */
function mayWriteText({ values }: DynamicSection): boolean {
  const flags = values.get(dynamicTags.flags) ?? 0;
  return values.has(dynamicTags.textRelocations) || (flags & textRelocations) !== 0;
}

/** Neighbours are of one segment most of the time. */
function writableIn(segments: readonly Segment[], isText: boolean): (address: number) => boolean {
  let last: Segment | undefined;
  return (address) => {
    const isSame =
      last !== undefined && last.address <= address && address < last.address + last.memoryBytes;
    if (!isSame) last = loadedAt(segments, address);
    return last !== undefined && (isText || (last.flags & segmentFlags.writable) !== 0);
  };
}

/** Whether an address is in whole pages that are protected once the object is relocated (glibc, `_dl_protect_relro`). */
function protectedIn(segments: readonly Segment[]): (address: number) => boolean {
  const ranges = segments
    .filter(({ type }) => type === segmentTypes.readOnlyAfterRelocation)
    .map(({ address, memoryBytes }) => ({
      start: pageOf(address),
      end: pageOf(address + memoryBytes),
    }));
  return (address) => ranges.some(({ start, end }) => start <= address && address < end);
}

function pageOf(address: number): number {
  return Math.floor(address / pageBytes) * pageBytes;
}
