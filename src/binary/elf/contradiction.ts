/**
 * Whether the tables of an ELF file tell the same story. Kernel and loader believe some of them and look at others not at all, so
 * that a file of which one says something else is loaded, and then anything may happen.
 */
import { dynamicContradiction } from "./dynamic-contradiction.ts";
import type { DynamicSection } from "./dynamic-section.ts";
import {
  type ElfLayout,
  fileHeaderBytes,
  fileTypes,
  isInPlace,
  isPowerOfTwo,
  machines,
  mostEmptyBytes,
  pageBytes,
  runsWhereExecutable,
  type Segment,
  segmentTypes,
} from "./layout.ts";
import { sectionContradiction } from "./section-contradiction.ts";
import { loadedSections } from "./sections.ts";
import { segmentContradiction } from "./segment-contradiction.ts";
import type { ElfSource } from "./source.ts";
import type { VersionTables } from "./versions.ts";

/** Where user space ends: nothing can be mapped beyond. */
const mostAddress = { 32: 2 ** 32, 64: 2 ** 47 } as const;

/**
 * Below it the kernel maps nothing for who has no right to (`vm.mmap_min_addr`; its default, `CONFIG_LSM_MMAP_MIN_ADDR` in
 * `security/Kconfig`), which containers have not.
 */
function leastAddress({ machine }: ElfLayout): number {
  return machine === machines.arm ? 0x8000 : 0x1_0000;
}

/** The first contradiction, as what it is about a file; `undefined` where there is none. */
export function contradictionOf(
  source: ElfSource,
  layout: ElfLayout,
  section: DynamicSection | undefined,
  versions: VersionTables = { needs: [] },
): string | undefined {
  if (layout.type !== fileTypes.executable && layout.type !== fileTypes.shared) return undefined;
  return (
    loadedContradiction(layout, source.size) ??
    placedContradiction(layout) ??
    segmentContradiction(layout.segments) ??
    headerContradiction(layout, source.size) ??
    (section === undefined ? undefined : dynamicContradiction(source, layout, section, versions)) ??
    sectionContradiction(loadedSections(source, layout), layout, section)
  );
}

/** Loadable segments ascend, do not overlap, and have room for what the file holds of them. */
function loadedContradiction({ segments, bits }: ElfLayout, size: number): string | undefined {
  let end = 0;
  let isBeyond = false;
  for (const segment of segments) {
    if (segment.type !== segmentTypes.load) continue;
    const { flags, address, fileBytes, memoryBytes, offset, alignment } = segment;
    if (flags === 0 && fileBytes > 0) return "nobody may touch one of its segments";
    if (memoryBytes < fileBytes) return "a segment is larger in the file than in memory";
    if (memoryBytes - fileBytes > mostEmptyBytes)
      return "a segment is to have more memory than a machine may have";
    if (address < end) return "its segments overlap";
    // What is cut short lacks its end.
    if (isBeyond && offset + fileBytes <= size)
      return "a segment lies beyond its end, and one behind that does not";
    isBeyond ||= offset + fileBytes > size;
    end = address + memoryBytes;
    if (end > mostAddress[bits]) return "a segment lies where no program may";
    if (alignment > 1 && !isPowerOfTwo(alignment)) return "the alignment of a segment is odd";
    if ((address - offset) % Math.min(Math.max(alignment, 1), pageBytes) !== 0)
      return "a segment's address and its place in the file do not fit each other";
  }
  return undefined;
}

/** A program whose addresses are fixed says which, and they are free. */
function placedContradiction(layout: ElfLayout): string | undefined {
  const isTooLow = layout.segments.some(
    ({ type, address, memoryBytes }) =>
      type === segmentTypes.load && memoryBytes > 0 && address < leastAddress(layout),
  );
  return layout.type === fileTypes.executable && isTooLow
    ? "its addresses are fixed, and begin where no program may lie"
    : undefined;
}

/** What the header points at, and the segments that tell the loader where it is. */
function headerContradiction(layout: ElfLayout, size: number): string | undefined {
  const { segments, programHeaders, type, entry } = layout;
  if (!segments.some((segment) => segment.type === segmentTypes.load))
    return "nothing of it is loaded";
  if (layout.headerBytes !== fileHeaderBytes(layout.bits))
    return "its header has another size than it says";
  const find = (wanted: number) => segments.find((segment) => segment.type === wanted);
  const interpreter = find(segmentTypes.interpreter);
  if (interpreter !== undefined && interpreter.offset + interpreter.fileBytes > size)
    return "the name of its interpreter lies beyond its end";
  // The kernel goes by the offset, the loader by the address. That both may lie beyond the file's end is another thing.
  const isAstray = (segment: Segment | undefined) =>
    segment !== undefined && !isInPlace(segment, segments);
  if (isAstray(interpreter)) return "the name of its interpreter is said to be in two places";
  const headers = find(segmentTypes.programHeaders);
  if (headers !== undefined && (headers.offset !== programHeaders.offset || isAstray(headers)))
    return "its program headers are said to be in two places";
  if (headers === undefined && interpreter !== undefined && type === fileTypes.shared)
    return "it can be moved, and does not say where its program headers are";
  const dynamic = find(segmentTypes.dynamic);
  if (isAstray(dynamic)) return "its dynamic section is not where its segments have it";
  if (interpreter !== undefined && dynamic === undefined)
    return "it names a loader, and has no dynamic section for it";
  const isProgram = type === fileTypes.executable || interpreter !== undefined;
  if (!isProgram) return undefined;
  return runsWhereExecutable(layout, entry)
    ? undefined
    : "its entry is not in an executable segment";
}
