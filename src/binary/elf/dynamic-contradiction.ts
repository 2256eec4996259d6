/** Whether the entries of a dynamic section fit each other, and the segments that they point into. */
import { type DynamicSection, dynamicTags } from "./dynamic-section.ts";
import { type ElfLayout, loadedAt, placeOf, runsWhereExecutable } from "./layout.ts";
import { relocationContradiction } from "./relocation-contradiction.ts";
import type { ElfSource } from "./source.ts";
import { symbolContradiction } from "./symbol-contradiction.ts";
import type { VersionTables } from "./versions.ts";

/** Tags that stand for addresses which the file must hold. */
const addresses: readonly number[] = [
  dynamicTags.hash,
  dynamicTags.gnuHash,
  dynamicTags.strings,
  dynamicTags.symbols,
  dynamicTags.rela,
  dynamicTags.rel,
  dynamicTags.relr,
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
  { table: dynamicTags.relr, tag: dynamicTags.relrEntry, bytes: { 32: 4, 64: 8 } },
  { table: dynamicTags.symbols, tag: dynamicTags.symbolEntry, bytes: { 32: 16, 64: 24 } },
] as const;

/** Tags that come together or not at all. */
const companions: readonly (readonly number[])[] = [
  [dynamicTags.strings, dynamicTags.symbols, dynamicTags.stringsSize],
  [dynamicTags.rela, dynamicTags.relaSize],
  [dynamicTags.rel, dynamicTags.relSize],
  [dynamicTags.relr, dynamicTags.relrSize, dynamicTags.relrEntry],
  [dynamicTags.pltRelocations, dynamicTags.pltRelocationsSize, dynamicTags.pltRelocationType],
  [dynamicTags.initArray, dynamicTags.initArraySize],
  [dynamicTags.finiArray, dynamicTags.finiArraySize],
];

export function dynamicContradiction(
  source: ElfSource,
  layout: ElfLayout,
  section: DynamicSection,
  versions: VersionTables,
): string | undefined {
  const { segments } = layout;
  const { values, hasRepeats, hasMore } = section;
  if (hasRepeats) return "its dynamic section says twice what it can say once";
  if (hasMore) return "its dynamic section goes on behind its end";
  if (entries.some((entry) => isOddlySized(entry, layout, section)))
    return "its dynamic section gives the entries of a table a size that they do not have";
  if (companions.some((tags) => isTorn(tags, values)))
    return "its dynamic section lacks a part of what it has of a table";
  if (values.has(dynamicTags.symbols) && !hasHash(values)) return "its symbols have no hash table";
  const isLost = addresses.some((tag) => {
    const address = values.get(tag) ?? 0;
    return address !== 0 && placeOf(segments, address, Infinity) === undefined;
  });
  if (isLost) return "its dynamic section points where nothing is loaded";
  if (isMisnamed(section, versions)) return "it is a part of glibc under another name";
  if (isNamedBeyond(section)) return "its dynamic section has a name beyond its string table";
  const code = [dynamicTags.init, dynamicTags.fini].map((tag) => values.get(tag) ?? 0);
  if (code.some((address) => address !== 0 && !runsWhereExecutable(layout, address)))
    return "what it runs first or last is not in an executable segment";
  return (
    slotsContradiction(layout, section) ??
    relocationContradiction(source, section, layout) ??
    symbolContradiction(source, section, layout)
  );
}

function isOddlySized(
  { table, tag, bytes }: (typeof entries)[number],
  { bits }: ElfLayout,
  { values }: DynamicSection,
): boolean {
  return values.has(table) && values.get(tag) !== bytes[bits];
}

function isTorn(tags: readonly number[], values: DynamicSection["values"]): boolean {
  const there = tags.filter((tag) => values.has(tag));
  return there.length > 0 && there.length < tags.length;
}

/** The slots that the loader fills when a function is first called: it must know them. */
function slotsContradiction(
  { segments, bits }: ElfLayout,
  { values }: DynamicSection,
): string | undefined {
  if (!values.has(dynamicTags.pltRelocations)) return undefined;
  const kind = values.get(dynamicTags.pltRelocationType);
  if (kind !== dynamicTags.rela && kind !== dynamicTags.rel)
    return "its relocations are of no kind";
  const slots = values.get(dynamicTags.pltTable);
  if (slots === undefined) return "it does not say where the slots of its relocations are";
  return slots % (bits / 8) !== 0 || loadedAt(segments, slots) === undefined
    ? "the slots of its relocations are where no slots can be"
    : undefined;
}

/** Names of which there is one at most, by their places in the string table. */
const singleNames: readonly number[] = [
  dynamicTags.soname,
  dynamicTags.rpath,
  dynamicTags.runpath,
  dynamicTags.auditOfNeeded,
  dynamicTags.audit,
];

/** Loaders add a name's place to the table's address, and read what is there. */
function isNamedBeyond({ values, lists }: DynamicSection): boolean {
  const end = values.get(dynamicTags.stringsSize) ?? 0;
  const places = [...singleNames.map((tag) => values.get(tag)), ...lists.map(({ value }) => value)];
  return places.some((place) => place !== undefined && place >= end);
}

/** The parts of glibc know each other by name: that of their base version, which linkers make of the other. */
function isMisnamed({ values, names }: DynamicSection, { definitions = [] }: VersionTables) {
  if (!definitions.some(({ name }) => name === "GLIBC_PRIVATE")) return false;
  const soname = names?.at(values.get(dynamicTags.soname) ?? 0);
  return definitions.some(({ name, isBase }) => isBase && name !== soname);
}

function hasHash(values: DynamicSection["values"]): boolean {
  const { hash, gnuHash, mipsHash } = dynamicTags;
  return [hash, gnuHash, mipsHash].some((tag) => values.has(tag));
}
