/** Where things are in an ELF file: its header and program headers (System V gABI, chapters 4 and 5; elf(5)). */
import { viewOf } from "../bytes.ts";
import { type ElfHeader, readElfHeader } from "./header.ts";
import type { ElfSource, ElfTable } from "./source.ts";

export interface ElfLayout extends ElfHeader {
  /** `e_type`. */
  readonly type: number;
  readonly flags: number;
  readonly osAbi: number;
  readonly abiVersion: number;
  /** `EI_VERSION` and `e_version`: 1, or no loader takes it. */
  readonly identVersion: number;
  readonly version: number;
  /** `e_ehsize`. */
  readonly headerBytes: number;
  /** Whether the unused bytes of `e_ident` are zero. */
  readonly isPadded: boolean;
  /** `e_entry`: where the program begins. */
  readonly entry: number;
  readonly programHeaders: TablePlace;
  readonly sectionHeaders: TablePlace;
  /** As many as the table's place could be read; see {@link readSegments}. */
  readonly segments: readonly Segment[];
}

/** Where a table of the header stands. */
interface TablePlace {
  readonly offset: number;
  readonly entryBytes: number;
  readonly count: number;
}

/** A program header. */
export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
  readonly alignment: number;
}

export const segmentTypes = {
  load: 1,
  dynamic: 2,
  interpreter: 3,
  note: 4,
  programHeaders: 6,
  threadLocal: 7,
  readOnlyAfterRelocation: 0x6474e552,
  gnuProperty: 0x6474e553,
} as const;

export const fileTypes = { relocatable: 1, executable: 2, shared: 3, core: 4 } as const;

/** `e_machine` of those with ways of their own. */
export const machines = { mips: 8, parisc: 15, ppc64: 21, arm: 40, ia64: 50 } as const;

/** What the kernel maps at least; of the last page what is missing reads as zeros. */
export const pageBytes = 4096;

/** What a segment may ask for beyond what the file holds of it: whether there is more, the machine tells when it starts. */
export const mostEmptyBytes = 2 ** 32;

/** `PF_X`, `PF_W`. */
export const segmentFlags = { executable: 1, writable: 2 } as const;

/** How many bytes of program headers the kernel takes (`load_elf_phdrs` in `fs/binfmt_elf.c`). */
export const mostProgramHeaderBytes = 65536;

export function fileHeaderBytes(bits: 32 | 64): number {
  return bits === 64 ? 64 : 52;
}

export function programHeaderBytes(bits: 32 | 64): number {
  return bits === 64 ? 56 : 32;
}

export function sectionHeaderBytes(bits: 32 | 64): number {
  return bits === 64 ? 64 : 40;
}

/** Reads the header, without the segments; `undefined` where it is cut short or says what no loader reads. */
export function readFileHeader(head: Uint8Array): Omit<ElfLayout, "segments"> | undefined {
  const header = readElfHeader(head);
  if (header === undefined || head.byteLength < fileHeaderBytes(header.bits)) return undefined;
  const { bits, littleEndian } = header;
  const view = viewOf(head);
  const half = (at: number) => view.getUint16(at, littleEndian);
  const word = (at: number) =>
    bits === 32 ? view.getUint32(at, littleEndian) : Number(view.getBigUint64(at, littleEndian));
  const [programs, sections, flags, sizes] = bits === 64 ? [32, 40, 48, 54] : [28, 32, 36, 42];
  return {
    ...header,
    type: half(16),
    version: view.getUint32(20, littleEndian),
    flags: view.getUint32(flags, littleEndian),
    identVersion: head[6] ?? 0,
    osAbi: head[7] ?? 0,
    abiVersion: head[8] ?? 0,
    headerBytes: half(sizes - 2),
    isPadded: head.subarray(9, 16).every((byte) => byte === 0),
    entry: word(24),
    programHeaders: { offset: word(programs), entryBytes: half(sizes), count: half(sizes + 2) },
    sectionHeaders: {
      offset: word(sections),
      entryBytes: half(sizes + 4),
      count: half(sizes + 6),
    },
  };
}

/** The program headers, as many as the kernel takes; `undefined` where the file does not hold them. */
export function readSegments(
  source: ElfSource,
  { bits, programHeaders }: Pick<ElfLayout, "bits" | "programHeaders">,
): readonly Segment[] | undefined {
  const entryBytes = programHeaderBytes(bits);
  const most = Math.floor(mostProgramHeaderBytes / entryBytes);
  const count = Math.min(programHeaders.count, most);
  if (count === 0 || programHeaders.entryBytes !== entryBytes) return [];
  const table = source.table(programHeaders.offset, count * entryBytes);
  if (table === undefined) return undefined;
  return Array.from({ length: count }, (_, index) =>
    readSegment(source, table, index * entryBytes),
  );
}

function readSegment(source: ElfSource, table: ElfTable, at: number): Segment {
  const { wordBytes, littleEndian } = source;
  const word = (index: number) => source.word(table, at + index * wordBytes);
  // The flags stand second in 64 bits and last but one in 32.
  const flags = table.view.getUint32(at + (wordBytes === 8 ? 4 : 24), littleEndian);
  return {
    type: table.view.getUint32(at, littleEndian),
    flags,
    offset: word(1),
    address: word(2),
    fileBytes: word(4),
    memoryBytes: word(5),
    alignment: word(wordBytes === 8 ? 6 : 7),
  };
}

/** A place in the file, and where the bytes of its segment end. */
export interface Place {
  readonly offset: number;
  readonly end: number;
}

/** Where the file holds what is loaded at that address; of segments that overlap, the last one mapped. */
export function placeOf(
  segments: readonly Segment[],
  address: number | undefined,
  size: number,
): Place | undefined {
  if (address === undefined) return undefined;
  const holder = segments.findLast(
    (segment) =>
      segment.type === segmentTypes.load &&
      segment.address <= address &&
      address < segment.address + segment.fileBytes,
  );
  if (holder === undefined) return undefined;
  const offset = holder.offset + (address - holder.address);
  const end = Math.min(holder.offset + holder.fileBytes, size);
  return offset < end ? { offset, end } : undefined;
}

/** Whether what the file has of a segment is loaded where its address says. */
export function isInPlace(
  { address, offset, fileBytes }: Segment,
  segments: readonly Segment[],
): boolean {
  return fileBytes === 0 || placeOf(segments, address, Infinity)?.offset === offset;
}

/** What alignments are, and sizes of tables that loaders mask numbers with. */
export function isPowerOfTwo(value: number): boolean {
  return Number.isSafeInteger(Math.log2(value));
}

/** The segment that is loaded at that address. */
export function loadedAt(segments: readonly Segment[], address: number): Segment | undefined {
  return segments.find(
    (segment) =>
      segment.type === segmentTypes.load &&
      segment.address <= address &&
      address < segment.address + segment.memoryBytes,
  );
}

/** Whether code may be at that address, or what stands for it: some machines call by a descriptor, which is data. */
export function runsWhereExecutable(
  { machine, flags, segments }: ElfLayout,
  address: number,
): boolean {
  const holder = loadedAt(segments, address);
  // ppc64 does so but for its second ABI (`EF_PPC64_ABI`).
  const isByDescriptor =
    machine === machines.ia64 ||
    machine === machines.parisc ||
    (machine === machines.ppc64 && (flags & 3) !== 2);
  if (isByDescriptor) return holder !== undefined;
  return ((holder?.flags ?? 0) & segmentFlags.executable) !== 0;
}

/** The bytes that loadable segments claim beyond the file's end. */
export function missingBytes(segments: readonly Segment[], size: number): number {
  let end = size;
  for (const { type, offset, fileBytes } of segments) {
    if (type === segmentTypes.load && fileBytes > 0) end = Math.max(end, offset + fileBytes);
  }
  return end - size;
}
