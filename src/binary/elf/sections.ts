/** The section headers: read only for what stands nowhere else, because a program may be stripped of them. */
import type { ElfLayout } from "./layout.ts";
import type { ElfSource } from "./source.ts";

export interface Section {
  readonly type: number;
  /** `SHF_WRITE`. */
  readonly isWritable: boolean;
  readonly offset: number;
  readonly size: number;
}

/** More sections than any program or library has. */
const mostSections = 4096;

export function readSections(
  source: ElfSource,
  { bits, sectionHeaders: { offset, entryBytes, count } }: ElfLayout,
): readonly Section[] {
  const expected = bits === 64 ? 64 : 40;
  if (offset === 0 || count === 0 || count > mostSections || entryBytes !== expected) return [];
  const table = source.table(offset, count * entryBytes);
  if (table === undefined) return [];
  const first = 8 + source.wordBytes;
  return Array.from({ length: count }, (_, index) => {
    const at = index * entryBytes;
    const word = (number: number) => source.word(table, at + first + number * source.wordBytes);
    return {
      type: table.view.getUint32(at + 4, source.littleEndian),
      isWritable: source.word(table, at + 8) % 2 === 1,
      offset: word(1),
      size: word(2),
    };
  });
}
