/** Whether the dynamic section and the section headers name the same tables. */
import { dynamicTags, type DynamicSection } from "./dynamic-section.ts";
import { machines } from "./layout.ts";
import { type Section, sectionTypes } from "./sections.ts";

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

/** What runs before and after the program, each in a section of its own type (`SHT_INIT_ARRAY`, `…FINI_ARRAY`, `…PREINIT_ARRAY`). */
const arrays = [
  { type: 14, table: dynamicTags.initArray, size: dynamicTags.initArraySize },
  { type: 15, table: dynamicTags.finiArray, size: dynamicTags.finiArraySize },
  { type: 16, table: dynamicTags.preinitArray, size: dynamicTags.preinitArraySize },
] as const;

/** What `.init` and `.fini` take: a call or two. */
const mostFunctionBytes = 64;

/** Each begins where some section does. */
const beginnings: readonly number[] = [
  dynamicTags.pltTable,
  dynamicTags.strings,
  ...relocations.map(({ table }) => table),
];

/** Held against the sections that are loaded. */
export function tableContradiction(
  sections: readonly Section[],
  { values }: DynamicSection,
  machine: number,
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
  if (
    [dynamicTags.init, dynamicTags.fini].some((tag) =>
      isAmidSmall(codeAt(values.get(tag), machine), sections),
    )
  )
    return "what it runs first or last begins in the midst of it";
  if (!arrays.every((one) => isArrayHeld(one, sections, values)))
    return "what it runs first or last is not what its sections say";
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

/** On 32-bit ARM the lowest bit of an address says in which of two ways the code is written. */
function codeAt(address: number | undefined, machine: number): number | undefined {
  return address !== undefined && machine === machines.arm ? address - (address % 2) : address;
}

/** Whether code begins within a section that has room for one function alone; where it is one of many nobody can say. */
function isAmidSmall(code: number | undefined, sections: readonly Section[]): boolean {
  if (code === undefined) return false;
  return sections.some(
    ({ address, size }) => size <= mostFunctionBytes && address < code && code < address + size,
  );
}

/** Whether an array is of whole sections, those of its type where there are any, and of all of these. */
function isArrayHeld(
  { type, table, size }: (typeof arrays)[number],
  sections: readonly Section[],
  values: DynamicSection["values"],
): boolean {
  const own = sections.filter((section) => section.type === type && section.size > 0);
  const [start, bytes] = [values.get(table), values.get(size) ?? 0];
  if (start === undefined || bytes === 0) return own.length === 0;
  const end = start + bytes;
  // Older linkers had no types for them.
  const whole = own.length > 0 ? own : sections;
  return (
    whole.some(({ address }) => address === start) &&
    whole.some((section) => section.address + section.size === end) &&
    own.every((section) => start <= section.address && section.address + section.size <= end)
  );
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
