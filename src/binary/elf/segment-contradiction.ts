/**
 * Whether the segments that are not loaded themselves, but tell loaders of parts of what is, tell of what is there (System V gABI,
 * chapter 5; glibc, `elf/dl-load.c`).
 */
import {
  isInPlace,
  isPowerOfTwo,
  loadedAt,
  mostEmptyBytes,
  pageBytes,
  type Segment,
  segmentTypes,
} from "./layout.ts";

/** Of these one is read, and which one depends on who reads. */
const single: readonly number[] = [
  segmentTypes.dynamic,
  segmentTypes.interpreter,
  segmentTypes.programHeaders,
  segmentTypes.threadLocal,
  segmentTypes.readOnlyAfterRelocation,
];

export function segmentContradiction(segments: readonly Segment[]): string | undefined {
  const isTwice = single.some(
    (type) => segments.filter((segment) => segment.type === type).length > 1,
  );
  if (isTwice) return "it has two segments of a kind of which there is one";
  if (segments.some((one) => isNotes(one) && !isReadable(one, segments)))
    return "its notes are not in what is loaded";
  const threadLocal = segments.find(({ type }) => type === segmentTypes.threadLocal);
  if (threadLocal !== undefined && !isThreadLocal(threadLocal, segments))
    return "its thread-local storage is not what any thread can have";
  return segments.every((segment) => isProtectable(segment, segments))
    ? undefined
    : "what is to be read-only after relocation is not in one of its segments";
}

function isNotes({ type, fileBytes }: Segment): boolean {
  return (type === segmentTypes.note || type === segmentTypes.gnuProperty) && fileBytes > 0;
}

/** Whether it can be read in memory, all of it. Where else the file has it is no matter: strip leaves notes at address 0. */
function isReadable({ address, memoryBytes }: Segment, segments: readonly Segment[]): boolean {
  const holder = loadedAt(segments, address);
  return holder !== undefined && address + memoryBytes <= holder.address + holder.memoryBytes;
}

function isThreadLocal(segment: Segment, segments: readonly Segment[]): boolean {
  const { fileBytes, memoryBytes, alignment } = segment;
  if (memoryBytes < fileBytes || memoryBytes > mostEmptyBytes) return false;
  if (alignment > mostEmptyBytes || !isPowerOfTwo(alignment)) return false;
  return isInPlace(segment, segments);
}

/** Whether what the loader makes read-only after relocation is loaded. Linkers round its end up to a page, as mapping does. */
function isProtectable(segment: Segment, segments: readonly Segment[]): boolean {
  const { type, address, memoryBytes } = segment;
  if (type !== segmentTypes.readOnlyAfterRelocation || memoryBytes === 0) return true;
  const holder = loadedAt(segments, address);
  if (holder === undefined || !isInPlace(segment, segments)) return false;
  const page = Math.max(holder.alignment, pageBytes);
  const end = Math.ceil((holder.address + holder.memoryBytes) / page) * page;
  return address + memoryBytes <= end;
}
