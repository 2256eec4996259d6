/**
 * Section headers held against segments and dynamic section. No loader reads them, and a program may be stripped of them; where
 * they are, whoever wrote the file made them from the same numbers.
 */
import { dynamicTags, type DynamicSection } from "./dynamic-section.ts";
import { type ElfLayout, type Segment, segmentFlags, segmentTypes } from "./layout.ts";
import { readSections, type Section, sectionFlags } from "./sections.ts";
import type { ElfSource } from "./source.ts";

/** `SHT_STRTAB`, `SHT_RELA`, `SHT_NOBITS`, `SHT_REL`, `SHT_DYNSYM`, `SHT_RELR`. */
const sectionTypes = {
  strings: 3,
  rela: 4,
  noBits: 8,
  rel: 9,
  dynamicSymbols: 11,
  relr: 19,
} as const;

/** The tables that a section's type alone tells (`SHT_HASH`, `SHT_DYNSYM`, `SHT_GNU_HASH`, `SHT_GNU_verdef`, `…verneed`, `…versym`). */
const tagsOfTypes: ReadonlyMap<number, number> = new Map([
  [5, dynamicTags.hash],
  [sectionTypes.dynamicSymbols, dynamicTags.symbols],
  [0x6ffffff6, dynamicTags.gnuHash],
  [0x6ffffffd, dynamicTags.versionDefinitions],
  [0x6ffffffe, dynamicTags.versionNeeds],
  [0x6fffffff, dynamicTags.versionOfSymbols],
]);

/** Each is a section, or several one behind the other. */
const relocations = [
  { table: dynamicTags.rela, size: dynamicTags.relaSize },
  { table: dynamicTags.rel, size: dynamicTags.relSize },
  { table: dynamicTags.relr, size: dynamicTags.relrSize },
  { table: dynamicTags.pltRelocations, size: dynamicTags.pltRelocationsSize },
] as const;
const relocationTypes: ReadonlySet<number> = new Set([
  sectionTypes.rela,
  sectionTypes.rel,
  sectionTypes.relr,
]);

/** Each begins where some section does. */
const beginnings: readonly number[] = [
  dynamicTags.pltTable,
  dynamicTags.strings,
  ...relocations.map(({ table }) => table),
];

/** How far a segment may reach beyond its last section: linkers fill pages, of 64 KiB at most. */
const mostFilling = 64 * 1024;

export function sectionContradiction(
  source: ElfSource,
  layout: ElfLayout,
  dynamic: DynamicSection | undefined,
): string | undefined {
  const sections = loadedSections(source, layout);
  if (sections.length === 0) return undefined;
  const loaded = layout.segments.filter(({ type }) => type === segmentTypes.load);
  for (const section of sections) {
    if (!isHeld(section, loaded)) return "a section lies outside its segments";
  }
  if (loaded.some((segment) => isOverlong(segment, sections)))
    return "a segment is much longer than what is in it";
  return dynamic === undefined ? undefined : tableContradiction(sections, dynamic);
}

/** The sections that are loaded; none where their headers are not at hand. */
function loadedSections(source: ElfSource, layout: ElfLayout): readonly Section[] {
  const sections = readSections(source, layout, { peek: true }).filter(
    ({ flags }) => (flags & sectionFlags.loaded) !== 0,
  );
  // Files of debugging information alone keep the headers of what they no longer hold.
  return sections.every(({ type }) => type === sectionTypes.noBits) ? [] : sections;
}

function isHeld({ type, flags, address, offset, size }: Section, loaded: readonly Segment[]) {
  const isNothing = type === sectionTypes.noBits;
  if (size === 0 || (isNothing && (flags & sectionFlags.perThread) !== 0)) return true;
  return loaded.some((segment) => {
    const room = isNothing ? segment.memoryBytes : segment.fileBytes;
    const isInside = address >= segment.address && address + size <= segment.address + room;
    const isThere = isNothing || offset - segment.offset === address - segment.address;
    return isInside && isThere && allows(segment, flags);
  });
}

function allows(segment: Segment, flags: number): boolean {
  if ((flags & sectionFlags.executable) !== 0 && (segment.flags & segmentFlags.executable) === 0)
    return false;
  return (flags & sectionFlags.write) === 0 || (segment.flags & segmentFlags.writable) !== 0;
}

function isOverlong(segment: Segment, sections: readonly Section[]): boolean {
  const end = segment.address + segment.memoryBytes;
  let last: number | undefined;
  for (const { address, size } of sections) {
    if (address >= segment.address && address < end) last = Math.max(last ?? 0, address + size);
  }
  return last !== undefined && end - last > mostFilling;
}

function tableContradiction(
  sections: readonly Section[],
  { values }: DynamicSection,
): string | undefined {
  for (const { type, address } of sections) {
    const tag = tagsOfTypes.get(type);
    if (tag !== undefined && values.get(tag) !== address)
      return "its dynamic section and its sections name different places";
  }
  const starts = new Set(sections.map(({ address }) => address));
  const isAstray = beginnings.some((tag) => {
    const address = values.get(tag) ?? 0;
    return address !== 0 && !starts.has(address);
  });
  if (isAstray) return "its dynamic section points into the midst of a section";
  const strings = sections.find(
    ({ type, address }) =>
      type === sectionTypes.strings && address === values.get(dynamicTags.strings),
  );
  if (strings !== undefined && strings.size !== values.get(dynamicTags.stringsSize))
    return "its string table has two sizes";
  return areRelocationsKnown(sections, values)
    ? undefined
    : "its dynamic section and its sections tell of different relocations";
}

/** Whether the tables end where sections end, and no section of relocations lies outside of them. */
function areRelocationsKnown(
  sections: readonly Section[],
  values: DynamicSection["values"],
): boolean {
  const ranges = relocations.flatMap(({ table, size }) => {
    const [start, length] = [values.get(table), values.get(size) ?? 0];
    return start === undefined ? [] : [{ start, end: start + length }];
  });
  const ends = new Set(sections.map(({ address, size }) => address + size));
  if (ranges.some(({ start, end }) => end > start && !ends.has(end))) return false;
  return sections.every(
    ({ type, address, size }) =>
      size === 0 ||
      !relocationTypes.has(type) ||
      ranges.some(({ start, end }) => start <= address && address + size <= end),
  );
}
