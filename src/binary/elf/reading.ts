/** Reads an ELF file as the kernel and the dynamic loaders do: by its segments. */
import { type FileBytes, mergeRanges, partialFile } from "../bytes.ts";
import { readArmAttributes } from "./arm-attributes.ts";
import { contradictionOf } from "./contradiction.ts";
import { readDynamic } from "./dynamic.ts";
import { readDynamicSection } from "./dynamic-section.ts";
import type { Elf, ElfReading } from "./elf.ts";
import { readGoBuild } from "./go-build.ts";
import { isElf } from "./header.ts";
import {
  type ElfLayout,
  fileTypes,
  machines,
  missingBytes,
  readFileHeader,
  readSegments,
  runsWhereExecutable,
  type Segment,
  segmentTypes,
} from "./layout.ts";
import { readNotes } from "./notes.ts";
import { refusals } from "./refusal.ts";
import { type Section, readSections } from "./sections.ts";
import { ElfSource } from "./source.ts";
import { readSymbolTables } from "./symbol-tables.ts";
import { readVersions } from "./versions.ts";

const mostInterpreterBytes = 4096;

/**
 * Reads an ELF file of either class and byte order. Its time is linear in the file's size, whatever its tables claim. Where it
 * `needs` ranges, they are those that are missing: what was at hand is needed again.
 */
export function readElf(file: FileBytes): ElfReading {
  const head = file.read({ offset: 0, length: Math.min(64, file.size) });
  if (head === undefined) return { outcome: "needs", ranges: [{ offset: 0, length: 64 }] };
  if (!isElf(head)) return damaged("it does not begin with the ELF magic number");
  const header = readFileHeader(head);
  if (header === undefined) return damaged(problemOf(head, file.size));
  const source = new ElfSource(file, header);
  const segments = readSegments(source, header);
  if (source.missing.length > 0) return needs(source);
  const isLoadable = header.type === fileTypes.executable || header.type === fileTypes.shared;
  if (segments === undefined && isLoadable) {
    return damaged("its program headers lie beyond its end");
  }
  return readParts(source, { ...header, segments: segments ?? [] });
}

/** Reads what a file's first bytes say of it: its machine, interpreter and notes; what lies behind them is left out. */
export function readElfHead(head: Uint8Array, size: number): ElfReading {
  const header = readFileHeader(head);
  if (header === undefined) return damaged(problemOf(head, size));
  const source = new ElfSource(partialFile(size, [{ offset: 0, bytes: head }]), header);
  const segments = readSegments(source, header) ?? [];
  const layout = { ...header, segments };
  const interpreter = readInterpreter(source, segments);
  return {
    outcome: "read",
    elf: elfOf(source, layout, {
      ...(interpreter?.name === undefined ? {} : { interpreter: interpreter.name }),
      ...readNotes(source, segments, header.machine),
    }),
  };
}

function readParts(source: ElfSource, layout: ElfLayout): ElfReading {
  const { segments, machine } = layout;
  const interpreter = readInterpreter(source, segments);
  const notes = readNotes(source, segments, machine);
  let sections: readonly Section[] | undefined;
  const readSectionsOnce = () => (sections ??= readSections(source, layout));
  const arm = machine === machines.arm ? readArmAttributes(source, readSectionsOnce()) : undefined;
  const isGo = notes.goBuildId !== undefined;
  const go = readGoBuild(source, segments, isGo, readSectionsOnce);
  const section = readDynamicSection(source, segments);
  const versions = section && readVersions(source, section);
  const dynamic = section && versions && readDynamic(section, versions);
  const symbols =
    section && versions ? readSymbolTables(source, section, versions, layout) : undefined;
  const contradiction = contradictionOf(source, layout, section, versions);
  if (source.missing.length > 0) return needs(source);
  const elf = elfOf(source, layout, {
    ...(contradiction === undefined ? {} : { contradiction }),
    ...(interpreter?.name === undefined ? {} : { interpreter: interpreter.name }),
    ...(dynamic === undefined ? {} : { dynamic }),
    ...notes,
    ...(arm === undefined ? {} : { arm }),
    ...(go === undefined ? {} : { go }),
    ...(runsWhereExecutable(layout, layout.entry) ? {} : { lacksEntry: true as const }),
    ...(isPackedByUpx(source, layout) ? { packer: "UPX" as const } : {}),
    ...refusals(layout, dynamic, interpreter?.isEnded !== false),
  });
  const isHostile = section?.strings?.isSpent === true;
  const unread = unreadOf(source.isTooMuch, isHostile);
  return {
    outcome: "read",
    elf,
    ...(symbols === undefined || unread !== undefined ? {} : { symbols }),
    ...(unread === undefined ? {} : { unread }),
  };
}

/** UPX writes a checksum and its name behind the program headers (UPX, `l_info` in `src/stub/src/include/linux.h`). */
function isPackedByUpx(source: ElfSource, { programHeaders }: ElfLayout): boolean {
  const { offset, entryBytes, count } = programHeaders;
  const table = source.peek(offset + entryBytes * count + 4, 4);
  return table !== undefined && Buffer.from(table.bytes).toString("latin1") === "UPX!";
}

/** What the header says, with what was found besides. */
function elfOf(source: ElfSource, layout: ElfLayout, found: Partial<Elf>): Elf {
  const lacking = missingBytes(layout.segments, source.size);
  return {
    machine: layout.machine,
    bits: layout.bits,
    littleEndian: layout.littleEndian,
    type: typeOf(layout.type),
    flags: layout.flags,
    osAbi: layout.osAbi,
    abiVersion: layout.abiVersion,
    ...found,
    ...(lacking === 0 ? {} : { missingBytes: lacking }),
  };
}

function unreadOf(isTooMuch: boolean, isHostile: boolean): string | undefined {
  if (isHostile) return "the names in its symbol table overlap more than any linker makes them";
  return isTooMuch ? "its tables are too large to be kept" : undefined;
}

/** `PT_INTERP`, as the kernel reads it: by its offset, up to its zero byte. */
function readInterpreter(source: ElfSource, segments: readonly Segment[]) {
  const segment = segments.find(({ type }) => type === segmentTypes.interpreter);
  if (segment === undefined) return undefined;
  const { offset, fileBytes } = segment;
  const table = source.table(offset, Math.min(fileBytes, mostInterpreterBytes));
  // One that lies beyond the file's end is not read at all, and its lack is told by the missing bytes.
  if (table === undefined) return undefined;
  const [name] = Buffer.from(table.bytes).toString("utf8").split("\0", 1);
  return { name, isEnded: table.bytes.at(-1) === 0 };
}

function typeOf(type: number): Elf["type"] {
  switch (type) {
    case fileTypes.relocatable:
      return "relocatable";
    case fileTypes.executable:
      return "executable";
    case fileTypes.shared:
      return "shared";
    case fileTypes.core:
      return "core";
    default:
      return "other";
  }
}

function needs({ missing, size }: ElfSource): ElfReading {
  return { outcome: "needs", ranges: mergeRanges(missing, size) };
}

function damaged(problem: string): ElfReading {
  return { outcome: "damaged", problem };
}

/** What is wrong with a header that cannot be read. */
function problemOf(head: Uint8Array, size: number): string {
  const [width = 0, order = 0] = head.subarray(4, 6);
  if (width !== 1 && width !== 2)
    return size < 5 ? tooShort(size) : `its class is ${width}, neither 32 nor 64 bits`;
  if (order !== 1 && order !== 2)
    return size < 6 ? tooShort(size) : `its byte order is ${order}, which no machine has`;
  return tooShort(size);
}

function tooShort(size: number): string {
  return `file too short: it has ${size} bytes and its header does not fit in them`;
}
