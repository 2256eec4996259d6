/** Which bytes of a big ELF file say what it is: what has to be kept of it while it streams by. */
import { type ByteRange, mergeRanges, partialFile } from "../bytes.ts";
import { goDataParts } from "./go-build.ts";
import {
  machines,
  readFileHeader,
  readSegments,
  type Segment,
  segmentFlags,
  segmentTypes,
} from "./layout.ts";
import { ElfSource } from "./source.ts";

const kilobyte = 1024;
const megabyte = 1024 * kilobyte;

/** Of one file, whatever its header says. */
const mostKept = 24 * megabyte;

/** The beginning of every file, by which the same program is told again. */
const firstBytes = 64 * kilobyte;

/** Segments of their own are small, such as those that patchelf adds with its new tables. */
const smallSegment = 512 * kilobyte;

/** Linkers put the tables of the loader before code and constants, into the first segment; Go's at the end of its constants. */
const mostOfFirst = 18 * megabyte;
const endOfConstants = 512 * kilobyte;

const goNote = Buffer.from("Go\0\0", "latin1");

/** What only sections lead to follows the last segment, before the debugging information. */
const behindSegments = 64 * kilobyte;

/**
 * The ranges of an ELF file of that size that {@link readElf} needs in nearly all cases, at most 24 MiB together, ascending and
 * apart; `head` is its beginning.
 */
export function elfRanges(head: Uint8Array, size: number): readonly ByteRange[] {
  const first = { offset: 0, length: firstBytes };
  const header = readFileHeader(head);
  if (header === undefined) return mergeRanges([first], size);
  const { programHeaders, sectionHeaders } = header;
  const headers = {
    offset: programHeaders.offset,
    length: programHeaders.count * programHeaders.entryBytes,
  };
  const source = new ElfSource(partialFile(size, [{ offset: 0, bytes: head }]), header);
  const segments = readSegments(source, header);
  const ranges =
    segments === undefined
      ? [{ offset: 0, length: mostOfFirst }]
      : segmentRanges(segments, hasGoNote(head));
  const sections = {
    offset: sectionHeaders.offset,
    length: sectionHeaders.count * sectionHeaders.entryBytes,
  };
  const attributes = {
    offset: Math.max(0, ...(segments ?? []).map(endOf)),
    length: behindSegments,
  };
  const forArm = header.machine === machines.arm ? [attributes] : [];
  return mergeRanges(affordable([first, headers, sections, ...forArm, ...ranges], size), size);
}

function hasGoNote(head: Uint8Array): boolean {
  return Buffer.from(head.buffer, head.byteOffset, head.byteLength).includes(goNote);
}

/** The most telling first. */
function segmentRanges(segments: readonly Segment[], isGo: boolean): readonly ByteRange[] {
  const loaded = segments.filter(({ type }) => type === segmentTypes.load);
  const named = segments.filter(({ type }) => telling.has(type));
  const small = loaded.filter(({ fileBytes }) => fileBytes <= smallSegment);
  const data = loaded.filter((segment) => isWritable(segment) && !isCode(segment));
  const constants = loaded.filter((segment) => !isWritable(segment) && !isCode(segment));
  const { beginning, ending } = goDataParts;
  return [
    ...named.map((segment) => beginningOf(segment, megabyte)),
    ...small.map((segment) => beginningOf(segment, smallSegment)),
    ...data.map((segment) => beginningOf(segment, beginning)),
    ...(isGo ? data.map((segment) => endingOf(segment, ending)) : []),
    ...(isGo ? constants.map((segment) => endingOf(segment, endOfConstants)) : []),
    ...loaded.slice(0, 1).map((segment) => beginningOf(segment, mostOfFirst)),
  ];
}

function isWritable({ flags }: Segment): boolean {
  return (flags & segmentFlags.writable) !== 0;
}

function isCode({ flags }: Segment): boolean {
  return (flags & segmentFlags.executable) !== 0;
}

const telling: ReadonlySet<number> = new Set([
  segmentTypes.dynamic,
  segmentTypes.interpreter,
  segmentTypes.note,
  segmentTypes.gnuProperty,
]);

function endOf({ offset, fileBytes }: Segment): number {
  return offset + fileBytes;
}

function beginningOf({ offset, fileBytes }: Segment, most: number): ByteRange {
  return { offset, length: Math.min(fileBytes, most) };
}

function endingOf(segment: Segment, most: number): ByteRange {
  const length = Math.min(segment.fileBytes, most);
  return { offset: endOf(segment) - length, length };
}

/** Those that fit in what may be kept of one file, in their order; the one that does not fit is cut. */
function affordable(ranges: readonly ByteRange[], size: number): readonly ByteRange[] {
  let left = mostKept;
  return ranges.map(({ offset, length }) => {
    const kept = Math.max(Math.min(length, size - offset, left), 0);
    left -= kept;
    return { offset, length: kept };
  });
}
