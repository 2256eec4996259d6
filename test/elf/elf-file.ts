/** ELF programs and libraries for tests, small and whole: real kernels and loaders take them, and each part can be made wrong. */
import { architectureNames } from "../../src/platform/machine.ts";
import type { Architecture } from "../../src/platform/platform.ts";
import {
  armAttributes,
  goBuildInfo,
  type GoBuildOptions,
  notes,
  type NoteOptions,
} from "./facts.ts";
import { dynamicTables, type SymbolOptions } from "./tables.ts";
import type { VersionOptions } from "./versions.ts";
import { type ElfFormat, ElfWriter } from "./writer.ts";

export interface ElfFileOptions extends NoteOptions, SymbolOptions, VersionOptions {
  /** Machine, class and byte order by the platform's word; amd64 where nothing else is said. */
  readonly architecture?: Architecture;
  /** `e_machine`, where the platform's is not meant; the same for class and byte order. */
  readonly machine?: number;
  readonly bits?: 32 | 64;
  readonly littleEndian?: boolean;
  /** `e_type`; 3 (a library or position-independent program) by default, 2 is a program of a fixed place. */
  readonly type?: number;
  readonly flags?: number;
  readonly osAbi?: number;
  readonly interpreter?: string;
  /** Any of these, or a symbol, makes it dynamic. */
  readonly needed?: readonly string[];
  readonly soname?: string;
  readonly rpath?: string;
  readonly runpath?: string;
  readonly filters?: readonly string[];
  readonly auxiliaries?: readonly string[];
  readonly bindNow?: boolean;
  readonly noDefaultLibraries?: boolean;
  readonly isPie?: boolean;
  /** Dynamic without anything else. */
  readonly isDynamic?: boolean;
  /** What runs at the entry. On amd64 the default ends the program with status 0. */
  readonly code?: Uint8Array;
  /** `.ARM.attributes` of the file: the bytes of tags and values, `[6, 10]` for v7. */
  readonly arm?: readonly number[];
  readonly go?: GoBuildOptions;
  /** Bytes that the loadable segment claims beyond the file's end. */
  readonly missingBytes?: number;
}

/** `exit_group(0)` on amd64. */
const exitOnAmd64 = Uint8Array.of(0x31, 0xff, 0xb8, 0xe7, 0, 0, 0, 0x0f, 0x05);

const segment = { load: 1, dynamic: 2, interpreter: 3, note: 4, headers: 6, property: 0x6474e553 };
const sharedType = 3;
const fixedPlace = 0x400000;
const pageBytes = 4096;

/** One program header, before its place is known to anybody else. */
interface Part {
  readonly type: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly alignment: number;
}

export function elfFile(options: ElfFileOptions = {}): Uint8Array {
  const names = architectureNames({ architecture: options.architecture ?? "amd64" }).elf;
  const { machine = names.machine, bits = names.bits } = options;
  const { littleEndian = names.littleEndian, type = sharedType } = options;
  const format = { bits, littleEndian };
  const base = type === sharedType ? 0 : fixedPlace;
  const code = options.code ?? (machine === 62 ? exitOnAmd64 : new Uint8Array(16));
  const body = new ElfWriter(format);
  const parts: Part[] = [];
  // Room for the header and seven program headers, whatever their class.
  const start = 512;
  const put = (bytes: Uint8Array, alignment: number): number => {
    body.align(alignment);
    const offset = start + body.length;
    body.bytes(bytes);
    return offset;
  };
  const part = (partType: number, bytes: Uint8Array, alignment: number) =>
    parts.push({ type: partType, bytes, alignment, offset: put(bytes, alignment) });
  if (options.interpreter !== undefined) {
    part(segment.interpreter, Buffer.from(`${options.interpreter}\0`), 1);
  }
  const { plain, property } = notes(format, options);
  if (plain.byteLength > 0) part(segment.note, plain, 4);
  if (property.byteLength > 0) part(segment.property, property, bits / 8);
  const entry = base + put(code, 16);
  if (options.go !== undefined) put(goBuildInfo(options.go), 16);
  if (isDynamic(options)) {
    const dynamic = dynamicTables({ format, machine, base, entry, put }, options);
    part(segment.dynamic, dynamic, bits / 8);
  }
  const content = body.done();
  const end = start + content.byteLength;
  const loaded = {
    length: end + (options.missingBytes ?? 0),
    // Go writes of its build where nothing is executed.
    access: options.go === undefined ? 7 : 6,
  };
  const headers = programHeaders(format, base, parts, loaded);
  const sections = options.arm === undefined ? [] : armAttributes(format, end, options.arm);
  const header = fileHeader(format, {
    machine,
    type,
    entry,
    flags: options.flags ?? 0,
    osAbi: options.osAbi ?? 0,
    segmentCount: parts.length + 2,
    ...(sections.length === 0
      ? { sectionOffset: 0, sectionCount: 0 }
      : { sectionOffset: end + (sections[0]?.byteLength ?? 0), sectionCount: 2 }),
  });
  const beginning = Buffer.concat([header, headers]);
  const room = Buffer.alloc(start - beginning.byteLength);
  return new Uint8Array(Buffer.concat([beginning, room, content, ...sections]));
}

function isDynamic(options: ElfFileOptions): boolean {
  if (options.isDynamic === true || options.bindNow === true || options.isPie === true) return true;
  if (options.needed !== undefined || options.soname !== undefined) return true;
  if (options.rpath !== undefined || options.runpath !== undefined) return true;
  if (options.filters !== undefined || options.auxiliaries !== undefined) return true;
  if (options.noDefaultLibraries === true) return true;
  return options.imports !== undefined || options.exports !== undefined;
}

interface HeaderFields {
  readonly machine: number;
  readonly type: number;
  readonly entry: number;
  readonly flags: number;
  readonly osAbi: number;
  readonly segmentCount: number;
  readonly sectionOffset: number;
  readonly sectionCount: number;
}

function fileHeader(format: ElfFormat, fields: HeaderFields): Buffer {
  const is64 = format.bits === 64;
  const headerBytes = is64 ? 64 : 52;
  return new ElfWriter(format)
    .byte(0x7f, 0x45, 0x4c, 0x46, is64 ? 2 : 1, format.littleEndian ? 1 : 2, 1, fields.osAbi)
    .bytes(new Uint8Array(8))
    .half(fields.type, fields.machine)
    .int(1)
    .word(fields.entry, headerBytes, fields.sectionOffset)
    .int(fields.flags)
    .half(headerBytes, is64 ? 56 : 32, fields.segmentCount, is64 ? 64 : 40, fields.sectionCount, 0)
    .done();
}

/** One segment that loads all of the file, as a rule readable, writable and executable, the headers themselves, and the parts. */
function programHeaders(
  format: ElfFormat,
  base: number,
  parts: readonly Part[],
  loaded: { readonly length: number; readonly access: number },
): Buffer {
  const headerBytes = format.bits === 64 ? 64 : 52;
  const entryBytes = format.bits === 64 ? 56 : 32;
  const whole = { type: segment.load, offset: 0, length: loaded.length, alignment: pageBytes };
  const headers = { type: segment.headers, offset: headerBytes, alignment: format.bits / 8 };
  const named = parts.map(({ type, offset, bytes, alignment }) => {
    return { type, offset, length: bytes.byteLength, alignment };
  });
  const writer = new ElfWriter(format);
  const count = parts.length + 2;
  for (const { type, offset, length, alignment } of [
    { ...headers, length: count * entryBytes },
    ...named,
    whole,
  ]) {
    const access = type === segment.load ? loaded.access : 6;
    const address = base + offset;
    writer.int(type);
    if (format.bits === 64) writer.int(access);
    writer.word(offset, address, address, length, length);
    if (format.bits === 32) writer.int(access);
    writer.word(alignment);
  }
  return writer.done();
}
