/**
 * Section headers held against segments and dynamic section. No loader reads them, and a program may be stripped of them; where
 * they are, whoever wrote the file made them from the same numbers.
 */
import type { DynamicSection } from "./dynamic-section.ts";
import { type ElfLayout, type Segment, segmentFlags, segmentTypes } from "./layout.ts";
import { type Section, sectionFlags, sectionTypes } from "./sections.ts";
import { tableContradiction } from "./table-contradiction.ts";

/** Words of the global offset table that its loader keeps for itself: three of eight bytes at most. */
const mostOwnBytes = 24;

/** Of the sections that are loaded. */
export function sectionContradiction(
  sections: readonly Section[],
  { segments, machine }: Pick<ElfLayout, "segments" | "machine">,
  dynamic: DynamicSection | undefined,
): string | undefined {
  if (sections.length === 0) return undefined;
  const loaded = segments.filter(({ type }) => type === segmentTypes.load);
  for (const section of sections) {
    if (!isHeld(section, loaded, sections)) return "a section lies outside its segments";
  }
  if (!isThreadLocalHeld(sections, segments))
    return "its thread-local storage is not what its sections say";
  if (!isProtectedUpToSection(sections, segments))
    return "what is to be read-only after relocation ends within a section";
  return dynamic === undefined ? undefined : tableContradiction(sections, dynamic, machine);
}

function isHeld(section: Section, loaded: readonly Segment[], sections: readonly Section[]) {
  const { type, flags, address, offset, size } = section;
  const isNothing = type === sectionTypes.noBits;
  if (size === 0 || (isNothing && (flags & sectionFlags.perThread) !== 0)) return true;
  return loaded.some((segment) => {
    const room = isNothing ? segment.memoryBytes : segment.fileBytes;
    const isInside = address >= segment.address && address + size <= segment.address + room;
    const isThere = isNothing
      ? isBehindFile(section, segment, sections)
      : offset - segment.offset === address - segment.address;
    return isInside && isThere && allows(segment, flags);
  });
}

/** Whether what is nothing in the file lies behind all that its segment has of it; on PowerPC another section may follow. */
function isBehindFile({ address }: Section, segment: Segment, sections: readonly Section[]) {
  const end = segment.address + segment.fileBytes;
  return (
    address >= end ||
    sections.some(
      (one) => one.type !== sectionTypes.noBits && one.address > address && one.address < end,
    )
  );
}

function allows(segment: Segment, flags: number): boolean {
  if ((flags & sectionFlags.executable) !== 0 && (segment.flags & segmentFlags.executable) === 0)
    return false;
  return (flags & sectionFlags.write) === 0 || (segment.flags & segmentFlags.writable) !== 0;
}

/** Whether the segment of thread-local storage is that of its sections; what linkers align its end to is no matter. */
function isThreadLocalHeld(sections: readonly Section[], segments: readonly Segment[]): boolean {
  const own = sections.filter(({ flags }) => (flags & sectionFlags.perThread) !== 0);
  const segment = segments.find(({ type }) => type === segmentTypes.threadLocal);
  if (own.length === 0 || segment === undefined) return own.every(({ size }) => size === 0);
  const { address: start, fileBytes, memoryBytes, alignment } = segment;
  const endOf = (some: readonly Section[]) =>
    some.reduce((end, { address, size }) => Math.max(end, address + size), start) - start;
  const end = endOf(own);
  return (
    own.every(({ address }) => address >= start) &&
    fileBytes === endOf(own.filter(({ type }) => type !== sectionTypes.noBits)) &&
    memoryBytes >= end &&
    memoryBytes < end + Math.max(alignment, 1)
  );
}

/** Linkers protect whole sections, and the first words of the slots, which are the loader's own. */
function isProtectedUpToSection(
  sections: readonly Section[],
  segments: readonly Segment[],
): boolean {
  const protection = segments.find(({ type }) => type === segmentTypes.readOnlyAfterRelocation);
  if (protection === undefined || protection.memoryBytes === 0) return true;
  const end = protection.address + protection.memoryBytes;
  return sections.every(
    ({ address, size, flags }) =>
      (flags & sectionFlags.perThread) !== 0 ||
      end <= address + mostOwnBytes ||
      end >= address + size,
  );
}
