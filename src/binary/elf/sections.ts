/** The section headers: read only for what stands nowhere else, because a program may be stripped of them. */
import { type ElfLayout, sectionHeaderBytes } from "./layout.ts";
import type { ElfSource } from "./source.ts";

export interface Section {
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
}

/** `SHT_STRTAB`, `SHT_RELA`, `SHT_NOBITS`, `SHT_REL`, `SHT_DYNSYM`, `SHT_RELR`. */
export const sectionTypes = {
  strings: 3,
  rela: 4,
  noBits: 8,
  rel: 9,
  dynamicSymbols: 11,
  relr: 19,
} as const;

/** `SHF_WRITE`, `SHF_ALLOC`, `SHF_EXECINSTR`, `SHF_TLS`. */
export const sectionFlags = { write: 1, loaded: 2, executable: 4, perThread: 1024 } as const;

/** More sections than any program or library has. */
const mostSections = 4096;

/** All of them; none where there are no headers, or odd ones. Those that were not kept are asked for, unless `peek` is set. */
export function readSections(
  source: ElfSource,
  { bits, sectionHeaders: { offset, entryBytes, count } }: ElfLayout,
  { peek = false } = {},
): readonly Section[] {
  const isReadable = offset !== 0 && count > 0 && count <= mostSections;
  if (!isReadable || entryBytes !== sectionHeaderBytes(bits)) return [];
  const length = count * entryBytes;
  const table = peek ? source.peek(offset, length) : source.table(offset, length);
  if (table === undefined) return [];
  return Array.from({ length: count }, (_, index) => {
    const at = index * entryBytes;
    const word = (number: number) => source.word(table, at + 8 + number * source.wordBytes);
    return {
      type: table.view.getUint32(at + 4, source.littleEndian),
      flags: word(0),
      address: word(1),
      offset: word(2),
      size: word(3),
    };
  });
}

/** The sections that are loaded; none where their headers are not at hand. */
export function loadedSections(source: ElfSource, layout: ElfLayout): readonly Section[] {
  const sections = readSections(source, layout, { peek: true }).filter(
    // What LIEF adds is said to be loaded at no address.
    ({ flags, address }) => (flags & sectionFlags.loaded) !== 0 && address !== 0,
  );
  // Files of debugging information alone keep the headers of what they no longer hold.
  return sections.every(({ type }) => type === sectionTypes.noBits) ? [] : sections;
}
