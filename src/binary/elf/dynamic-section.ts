/** The entries of the dynamic section (System V gABI, chapter 5; glibc, `elf/get-dynamic-info.h`). */
import { type Place, placeOf, type Segment, segmentTypes } from "./layout.ts";
import type { ElfSource } from "./source.ts";
import { StringTable } from "../strings.ts";

export const dynamicTags = {
  needed: 1,
  pltRelocationsSize: 2,
  pltTable: 3,
  hash: 4,
  strings: 5,
  symbols: 6,
  rela: 7,
  relaSize: 8,
  relaEntry: 9,
  stringsSize: 10,
  symbolEntry: 11,
  init: 12,
  fini: 13,
  soname: 14,
  rpath: 15,
  rel: 17,
  relSize: 18,
  relEntry: 19,
  pltRelocationType: 20,
  textRelocations: 22,
  pltRelocations: 23,
  bindNow: 24,
  initArray: 25,
  finiArray: 26,
  initArraySize: 27,
  finiArraySize: 28,
  runpath: 29,
  flags: 30,
  preinitArray: 32,
  preinitArraySize: 33,
  relrSize: 35,
  relr: 36,
  relrEntry: 37,
  gnuHash: 0x6ffffef5,
  auditOfNeeded: 0x6ffffefb,
  audit: 0x6ffffefc,
  versionOfSymbols: 0x6ffffff0,
  relaCount: 0x6ffffff9,
  relCount: 0x6ffffffa,
  flags1: 0x6ffffffb,
  versionDefinitions: 0x6ffffffc,
  versionNeeds: 0x6ffffffe,
  mipsSymbolCount: 0x70000011,
  mipsGotSymbol: 0x70000013,
  mipsHash: 0x70000036,
  auxiliary: 0x7ffffffd,
  filter: 0x7fffffff,
} as const;

/** More entries than any object has. */
const mostEntries = 65536;

/** A string table of this size is read whole, also where it was not kept. */
const mostStringBytes = 24 * 1024 * 1024;
const mostFarNameBytes = 1024;

/** Names by their places. */
type Names = Pick<StringTable, "at">;

export interface DynamicSection {
  /** The last value of each tag, as the loader keeps it. */
  readonly values: ReadonlyMap<number, number>;
  /** Whether there are several entries of a tag of which there should be one. */
  readonly hasRepeats: boolean;
  /** Whether entries stand behind its end (`DT_NULL`). */
  readonly hasMore: boolean;
  readonly lists: readonly NameEntry[];
  /** Names by their places in the string table; absent where the file does not hold it. */
  readonly names?: Names;
  /** The table whole, unless it is too large. */
  readonly strings?: StringTable;
  readonly segments: readonly Segment[];
}

/** An entry of which an object may have several: `DT_NEEDED`, `DT_AUXILIARY`, `DT_FILTER`. */
interface NameEntry {
  readonly tag: number;
  readonly value: number;
}

/** `undefined` where the object has no dynamic section in its file. */
export function readDynamicSection(
  source: ElfSource,
  segments: readonly Segment[],
): DynamicSection | undefined {
  const segment = segments.findLast(
    ({ type, fileBytes }) => type === segmentTypes.dynamic && fileBytes > 0,
  );
  if (segment === undefined) return undefined;
  // The loader goes by the address; the offset serves where no loadable segment holds it.
  const place = placeOf(segments, segment.address, source.size) ?? {
    offset: segment.offset,
    end: Math.min(segment.offset + segment.fileBytes, source.size),
  };
  const entryBytes = 2 * source.wordBytes;
  const length = Math.min(segment.fileBytes, place.end - place.offset, mostEntries * entryBytes);
  const table = source.table(place.offset, Math.max(length, 0));
  if (table === undefined) return undefined;
  const values = new Map<number, number>();
  let [hasRepeats, hasMore, isEnded] = [false, false, false];
  const lists: NameEntry[] = [];
  for (let at = 0; at + entryBytes <= table.bytes.byteLength; at += entryBytes) {
    const tag = source.word(table, at);
    // Linkers leave room behind the end, and values of what they had there.
    isEnded ||= tag === 0;
    hasMore ||= isEnded && tag !== 0;
    if (isEnded) continue;
    const value = source.word(table, at + source.wordBytes);
    if (tag === dynamicTags.needed || tag === dynamicTags.auxiliary || tag === dynamicTags.filter)
      lists.push({ tag, value });
    else hasRepeats ||= values.has(tag);
    values.set(tag, value);
  }
  return { values, hasRepeats, hasMore, lists, segments, ...readStrings(source, segments, values) };
}

function readStrings(
  source: ElfSource,
  segments: readonly Segment[],
  values: ReadonlyMap<number, number>,
): Pick<DynamicSection, "names" | "strings"> {
  const place = placeOf(segments, values.get(dynamicTags.strings), source.size);
  if (place === undefined) return {};
  const size = values.get(dynamicTags.stringsSize) ?? Infinity;
  const length = Math.min(size, place.end - place.offset);
  const kept = source.peek(place.offset, length);
  if (kept === undefined && length > mostStringBytes) return { names: farNames(source, place) };
  const table = kept ?? source.table(place.offset, length);
  if (table === undefined) return {};
  const strings = new StringTable(table.bytes);
  return { names: strings, strings };
}

/** Single names of a table that is too large to be kept. */
function farNames(source: ElfSource, { offset, end }: Place): Names {
  return {
    at: (place) => {
      const start = offset + place;
      if (start >= end) return undefined;
      const table = source.table(start, Math.min(mostFarNameBytes, end - start));
      return table && new StringTable(table.bytes).at(0);
    },
  };
}

/** `DF_BIND_NOW`, `DF_1_NOW`. */
const boundNow = { flags: 8, flags1: 1 } as const;

/** Whether every symbol is looked up before it starts. */
export function isBoundNow(values: DynamicSection["values"]): boolean {
  const has = (tag: number, bit: number) => ((values.get(tag) ?? 0) & bit) !== 0;
  return (
    values.has(dynamicTags.bindNow) ||
    has(dynamicTags.flags, boundNow.flags) ||
    has(dynamicTags.flags1, boundNow.flags1)
  );
}

/** Where the table that a tag points at lies in the file. */
export function tableOf(
  { values, segments }: DynamicSection,
  tag: number,
  source: ElfSource,
): Place | undefined {
  return placeOf(segments, values.get(tag), source.size);
}
