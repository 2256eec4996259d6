/** The entries of the dynamic section (System V gABI, chapter 5; glibc, `elf/get-dynamic-info.h`). */
import { type Place, placeOf, type Segment, segmentTypes } from "./layout.ts";
import type { ElfSource } from "./source.ts";
import { StringTable } from "../strings.ts";

export const dynamicTags = {
  needed: 1,
  pltRelocationsSize: 2,
  hash: 4,
  strings: 5,
  symbols: 6,
  rela: 7,
  relaSize: 8,
  stringsSize: 10,
  soname: 14,
  rpath: 15,
  rel: 17,
  relSize: 18,
  pltRelocationType: 20,
  pltRelocations: 23,
  bindNow: 24,
  runpath: 29,
  flags: 30,
  gnuHash: 0x6ffffef5,
  versionOfSymbols: 0x6ffffff0,
  relaCount: 0x6ffffff9,
  relCount: 0x6ffffffa,
  flags1: 0x6ffffffb,
  versionDefinitions: 0x6ffffffc,
  versionNeeds: 0x6ffffffe,
  mipsSymbolCount: 0x70000011,
  mipsGotSymbol: 0x70000013,
  auxiliary: 0x7ffffffd,
  filter: 0x7fffffff,
} as const;

/** More entries than any object has. */
const mostEntries = 65536;

export interface DynamicSection {
  /** The last value of each tag, as the loader keeps it. */
  readonly values: ReadonlyMap<number, number>;
  readonly names: readonly NameEntry[];
  /** Absent where it has none that the file holds. */
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
  const names: NameEntry[] = [];
  for (let at = 0; at + entryBytes <= table.bytes.byteLength; at += entryBytes) {
    const tag = source.word(table, at);
    const value = source.word(table, at + source.wordBytes);
    if (tag === 0) break;
    values.set(tag, value);
    if (tag === dynamicTags.needed || tag === dynamicTags.auxiliary || tag === dynamicTags.filter) {
      names.push({ tag, value });
    }
  }
  const strings = readStrings(source, segments, values);
  return { values, names, segments, ...(strings === undefined ? {} : { strings }) };
}

function readStrings(
  source: ElfSource,
  segments: readonly Segment[],
  values: ReadonlyMap<number, number>,
): StringTable | undefined {
  const place = placeOf(segments, values.get(dynamicTags.strings), source.size);
  if (place === undefined) return undefined;
  const size = values.get(dynamicTags.stringsSize) ?? Infinity;
  const length = Math.min(size, place.end - place.offset);
  const table = source.table(place.offset, length);
  return table === undefined ? undefined : new StringTable(table.bytes);
}

/** Where the table that a tag points at lies in the file. */
export function tableOf(
  { values, segments }: DynamicSection,
  tag: number,
  source: ElfSource,
): Place | undefined {
  return placeOf(segments, values.get(tag), source.size);
}
