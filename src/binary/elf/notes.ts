/** Notes: who built a program, and what it wants of the machine (System V gABI, chapter 5; psABI of x86-64, "Program Property"; glibc, `elf/elf.h`). */
import { viewOf } from "../bytes.ts";
import { type Segment, segmentTypes } from "./layout.ts";
import type { ElfSource, ElfTable } from "./source.ts";

export interface ElfNotes {
  readonly buildId?: string;
  readonly goBuildId?: string;
  readonly leastKernel?: readonly number[];
  readonly x86Level?: 1 | 2 | 3 | 4;
}

const types = { gnuAbiTag: 1, gnuBuildId: 3, gnuProperty: 5, goBuildId: 4 } as const;

/** `GNU_PROPERTY_X86_ISA_1_NEEDED`: a bit for each level, the baseline's first. */
const x86LevelsNeeded = 0xc0008002;
const machinesOfX86 = new Set([3, 62]);

/** What is read of one segment, and how many notes of a file. */
const mostSegmentBytes = 1024 * 1024;
const mostNotes = 1024;
const mostIdBytes = 256;

interface Note {
  readonly owner: string;
  readonly type: number;
  readonly content: ElfTable;
  /** Whether it is padded to words, as the loader wants it of properties. */
  readonly isWordAligned: boolean;
}

export function readNotes(
  source: ElfSource,
  segments: readonly Segment[],
  machine: number,
): ElfNotes {
  const found: ElfNotes[] = [];
  let left = mostNotes;
  for (const segment of segments) {
    if (segment.type !== segmentTypes.note && segment.type !== segmentTypes.gnuProperty) continue;
    for (const note of notesOf(source, segment)) {
      if ((left -= 1) < 0) break;
      const read = readNote(source, note, machine);
      if (read !== undefined) found.push(read);
    }
  }
  // The first one of a kind counts.
  return found.reduceRight<ElfNotes>((all, one) => Object.assign(all, one), {});
}

function* notesOf(source: ElfSource, { offset, fileBytes, alignment }: Segment): Generator<Note> {
  const table = source.upTo(offset, Math.min(fileBytes, mostSegmentBytes));
  if (table === undefined) return;
  const { bytes, view } = table;
  const step = alignment === 8 ? 8 : 4;
  const aligned = (at: number) => Math.ceil(at / step) * step;
  for (let at = 0; at + 12 <= bytes.byteLength;) {
    const nameBytes = view.getUint32(at, source.littleEndian);
    const contentBytes = view.getUint32(at + 4, source.littleEndian);
    const contentAt = aligned(at + 12 + nameBytes);
    const end = contentAt + contentBytes;
    if (end > bytes.byteLength) return;
    const content = bytes.subarray(contentAt, end);
    yield {
      owner: Buffer.from(bytes.subarray(at + 12, at + 12 + Math.min(nameBytes, 8))).toString(
        "latin1",
      ),
      type: view.getUint32(at + 8, source.littleEndian),
      isWordAligned: alignment === source.wordBytes,
      content: {
        bytes: content,
        view: viewOf(content),
      },
    };
    at = aligned(end);
  }
}

function readNote(
  source: ElfSource,
  { owner, type, content, isWordAligned }: Note,
  machine: number,
): ElfNotes | undefined {
  const { bytes, view } = content;
  if (owner === "Go\0\0" && type === types.goBuildId) {
    return { goBuildId: Buffer.from(bytes.subarray(0, mostIdBytes)).toString("latin1") };
  }
  if (owner !== "GNU\0") return undefined;
  switch (type) {
    case types.gnuBuildId:
      return { buildId: Buffer.from(bytes.subarray(0, mostIdBytes)).toString("hex") };
    case types.gnuAbiTag: {
      if (bytes.byteLength < 16) return undefined;
      const [system, ...version] = [0, 4, 8, 12].map((at) =>
        view.getUint32(at, source.littleEndian),
      );
      return system === 0 ? { leastKernel: version } : undefined;
    }
    case types.gnuProperty: {
      const isRead = isWordAligned && machinesOfX86.has(machine);
      const level = isRead ? readX86Level(source, content) : undefined;
      return level === undefined ? undefined : { x86Level: level };
    }
    default:
      return undefined;
  }
}

/** Properties ascend by their type (glibc, `_dl_process_gnu_property_note`). */
function readX86Level(source: ElfSource, { bytes, view }: ElfTable): 1 | 2 | 3 | 4 | undefined {
  for (let at = 0; at + 8 <= bytes.byteLength;) {
    const type = view.getUint32(at, source.littleEndian);
    const size = view.getUint32(at + 4, source.littleEndian);
    if (type === x86LevelsNeeded && size === 4 && at + 12 <= bytes.byteLength) {
      return highestLevel(view.getUint32(at + 8, source.littleEndian));
    }
    at += 8 + Math.ceil(size / source.wordBytes) * source.wordBytes;
  }
  return undefined;
}

function highestLevel(bits: number): 1 | 2 | 3 | 4 | undefined {
  return ([4, 3, 2, 1] as const).find((level) => (bits & (1 << (level - 1))) !== 0);
}
