/**
 * Whether the tables of an ELF file tell the same story. Kernel and loader believe some of them and look at others not at all, so
 * that a file of which one says something else is loaded, and then anything may happen.
 */
import { dynamicTags, type DynamicSection } from "./dynamic-section.ts";
import {
  type ElfLayout,
  fileTypes,
  pageBytes,
  placeOf,
  type Segment,
  segmentFlags,
  segmentTypes,
} from "./layout.ts";
import { sectionContradiction } from "./section-contradiction.ts";
import type { ElfSource } from "./source.ts";

/** Where user space ends: nothing can be mapped beyond. */
const mostAddress = { 32: 2 ** 32, 64: 2 ** 47 } as const;

/** The first contradiction, as what it is about a file; `undefined` where there is none. */
export function contradictionOf(
  source: ElfSource,
  layout: ElfLayout,
  section: DynamicSection | undefined,
): string | undefined {
  if (layout.type !== fileTypes.executable && layout.type !== fileTypes.shared) return undefined;
  return (
    loadedContradiction(layout) ??
    headerContradiction(layout, source.size) ??
    (section === undefined ? undefined : dynamicContradiction(source, layout, section)) ??
    sectionContradiction(source, layout, section)
  );
}

/** Loadable segments ascend, do not overlap, and have room for what the file holds of them. */
function loadedContradiction({ segments, bits }: ElfLayout): string | undefined {
  let end = 0;
  for (const segment of segments) {
    if (segment.type !== segmentTypes.load) continue;
    const { address, fileBytes, memoryBytes, offset, alignment } = segment;
    if (memoryBytes < fileBytes) return "a segment is larger in the file than in memory";
    if (address < end) return "its segments overlap";
    end = address + memoryBytes;
    if (end > mostAddress[bits]) return "a segment lies where no program may";
    if (alignment > 1 && !isPowerOfTwo(alignment)) return "the alignment of a segment is odd";
    if ((address - offset) % Math.min(Math.max(alignment, 1), pageBytes) !== 0)
      return "a segment's address and its place in the file do not fit each other";
  }
  return segments.every((segment) => isProtectable(segment, segments))
    ? undefined
    : "what is to be read-only after relocation is not in one of its segments";
}

/** Whether what the loader makes read-only after relocation is loaded. Linkers round its end up to a page, as mapping does. */
function isProtectable({ type, address, memoryBytes }: Segment, segments: readonly Segment[]) {
  if (type !== segmentTypes.readOnlyAfterRelocation || memoryBytes === 0) return true;
  const holder = loadedAt(segments, address);
  if (holder === undefined) return false;
  const page = Math.max(holder.alignment, pageBytes);
  const end = Math.ceil((holder.address + holder.memoryBytes) / page) * page;
  return address + memoryBytes <= end;
}

function isPowerOfTwo(value: number): boolean {
  return Number.isSafeInteger(Math.log2(value));
}

/** What the header points at, and the segments that tell the loader where it is. */
function headerContradiction(layout: ElfLayout, size: number): string | undefined {
  const { segments, programHeaders, type, entry } = layout;
  const find = (wanted: number) => segments.find((segment) => segment.type === wanted);
  const interpreter = find(segmentTypes.interpreter);
  if (interpreter !== undefined && interpreter.offset + interpreter.fileBytes > size)
    return "the name of its interpreter lies beyond its end";
  const headers = find(segmentTypes.programHeaders);
  if (headers !== undefined && headers.offset !== programHeaders.offset)
    return "its program headers are said to be in two places";
  if (headers === undefined && interpreter !== undefined && type === fileTypes.shared)
    return "it can be moved, and does not say where its program headers are";
  const dynamic = find(segmentTypes.dynamic);
  const place = dynamic && placeOf(segments, dynamic.address, size);
  if (dynamic !== undefined && dynamic.fileBytes > 0 && place?.offset !== dynamic.offset)
    return "its dynamic section is not where its segments have it";
  const isProgram = type === fileTypes.executable || interpreter !== undefined;
  if (!isProgram) return undefined;
  const flags = loadedAt(segments, entry)?.flags ?? 0;
  const isExecutable = (flags & segmentFlags.executable) !== 0;
  return isExecutable ? undefined : "its entry is not in an executable segment";
}

function loadedAt(segments: readonly Segment[], address: number): Segment | undefined {
  return segments.find(
    (segment) =>
      segment.type === segmentTypes.load &&
      segment.address <= address &&
      address < segment.address + segment.memoryBytes,
  );
}

/** Tags that stand for addresses which the file must hold. */
const addresses: readonly number[] = [
  dynamicTags.hash,
  dynamicTags.gnuHash,
  dynamicTags.strings,
  dynamicTags.symbols,
  dynamicTags.rela,
  dynamicTags.rel,
  dynamicTags.pltRelocations,
  dynamicTags.versionOfSymbols,
  dynamicTags.versionDefinitions,
  dynamicTags.versionNeeds,
  dynamicTags.init,
  dynamicTags.fini,
  dynamicTags.initArray,
  dynamicTags.finiArray,
];

/** Bytes of a table's entry, which loaders take to be those of their own structures. */
const entries = [
  { table: dynamicTags.rela, tag: dynamicTags.relaEntry, bytes: { 32: 12, 64: 24 } },
  { table: dynamicTags.rel, tag: dynamicTags.relEntry, bytes: { 32: 8, 64: 16 } },
  { table: dynamicTags.symbols, tag: dynamicTags.symbolEntry, bytes: { 32: 16, 64: 24 } },
] as const;

/** Tags that come together or not at all. */
const companions: readonly (readonly number[])[] = [
  [dynamicTags.strings, dynamicTags.symbols, dynamicTags.stringsSize],
  [dynamicTags.rela, dynamicTags.relaSize],
  [dynamicTags.rel, dynamicTags.relSize],
  [dynamicTags.pltRelocations, dynamicTags.pltRelocationsSize, dynamicTags.pltRelocationType],
];

function dynamicContradiction(
  source: ElfSource,
  { segments, bits }: ElfLayout,
  section: DynamicSection,
): string | undefined {
  const { values } = section;
  const isOddlySized = entries.some(
    ({ table, tag, bytes }) => values.has(table) && values.get(tag) !== bytes[bits],
  );
  if (isOddlySized)
    return "its dynamic section gives the entries of a table a size that they do not have";
  for (const tags of companions) {
    const there = tags.filter((tag) => values.has(tag));
    if (there.length > 0 && there.length < tags.length)
      return "its dynamic section lacks a part of what it has of a table";
  }
  if (values.has(dynamicTags.symbols) && !hasHash(values)) return "its symbols have no hash table";
  const kind = values.get(dynamicTags.pltRelocationType);
  if (kind !== undefined && kind !== dynamicTags.rela && kind !== dynamicTags.rel)
    return "its relocations are of no kind";
  const isLost = addresses.some((tag) => {
    const address = values.get(tag) ?? 0;
    return address !== 0 && placeOf(segments, address, source.size) === undefined;
  });
  if (isLost) return "its dynamic section points where nothing is loaded";
  return isNamedBeyond(section)
    ? "its dynamic section has a name beyond its string table"
    : undefined;
}

/** Names of which there is one at most, by their places in the string table. */
const names: readonly number[] = [dynamicTags.soname, dynamicTags.rpath, dynamicTags.runpath];

/** Loaders add a name's place to the table's address, and read what is there. */
function isNamedBeyond({ values, lists }: DynamicSection): boolean {
  const end = values.get(dynamicTags.stringsSize) ?? 0;
  const places = [...names.map((tag) => values.get(tag)), ...lists.map(({ value }) => value)];
  return places.some((place) => place !== undefined && place >= end);
}

function hasHash(values: DynamicSection["values"]): boolean {
  const { hash, gnuHash, mipsHash } = dynamicTags;
  return [hash, gnuHash, mipsHash].some((tag) => values.has(tag));
}
