/** The dynamic section of an ELF file of a test, and the tables that it leads to. */
import type { ElfFileOptions } from "./elf-file.ts";
import { numberVersions, versionDefinitions, versionNeeds, versionsOfSymbols } from "./versions.ts";
import { type ElfFormat, ElfWriter, NameTable } from "./writer.ts";

export interface SymbolOptions {
  /** As `nm -D` writes them: `name`, `name@@V1` (the default of its name) or `name@V1` (hidden). */
  readonly exports?: readonly string[];
  /** `name` or `name@V1`, looked up when it is first called; or more of it. */
  readonly imports?: readonly (string | ImportOptions)[];
  /** Which hash table leads to the symbols; the GNU one by default. */
  readonly hash?: "gnu" | "old" | "none";
}

export interface ImportOptions {
  readonly name: string;
  readonly isWeak?: boolean;
  /** Looked up before the program starts. */
  readonly isEager?: boolean;
}

export interface Surroundings {
  readonly format: ElfFormat;
  readonly machine: number;
  /** What is added to an offset to make it an address. */
  readonly base: number;
  /** An address of code. */
  readonly entry: number;
  /** Puts bytes into the file and tells their offset. */
  readonly put: (bytes: Uint8Array, alignment: number) => number;
}

/** `R_*_JUMP_SLOT`, and the relocation that looks a symbol up at once, by `e_machine`. */
const relocationTypes: Readonly<Record<number, { lazy: number; eager: number }>> = {
  3: { lazy: 7, eager: 6 },
  8: { lazy: 127, eager: 3 },
  21: { lazy: 21, eager: 20 },
  22: { lazy: 11, eager: 10 },
  40: { lazy: 22, eager: 21 },
  62: { lazy: 7, eager: 6 },
  183: { lazy: 1026, eager: 1025 },
  243: { lazy: 5, eager: 2 },
  258: { lazy: 5, eager: 2 },
};

/** Those whose relocations keep the addend where they apply (`DT_REL`). */
const machinesWithRel = new Set([3, 8, 40]);
const machineMips = 8;

export interface Import extends ImportOptions {
  readonly version?: string;
}

export interface Export {
  readonly name: string;
  readonly version?: string;
  readonly isHidden: boolean;
}

/** Puts the tables, and gives the dynamic section's bytes. */
export function dynamicTables(around: Surroundings, options: ElfFileOptions): Uint8Array {
  const { format, base, put } = around;
  const names = new NameTable();
  const imports = (options.imports ?? []).map(importOf);
  const exports = (options.exports ?? []).map(exportOf);
  const versions = numberVersions(options, imports, exports);
  const word = format.bits / 8;
  const entries: (readonly [number, number])[] = [];
  const name = (tag: number, text: string | undefined) => {
    if (text !== undefined) entries.push([tag, names.place(text)]);
  };
  for (const library of options.needed ?? []) name(1, library);
  for (const library of options.filters ?? []) name(0x7fffffff, library);
  for (const library of options.auxiliaries ?? []) name(0x7ffffffd, library);
  name(14, options.soname);
  name(15, options.rpath);
  name(29, options.runpath);
  const flags = options.bindNow === true ? 8 : 0;
  const more =
    (options.noDefaultLibraries === true ? 0x800 : 0) | (options.isPie === true ? 0x08000000 : 0);
  if (flags !== 0) entries.push([30, flags]);
  if (more !== 0) entries.push([0x6ffffffb, more]);
  const table = (tag: number, bytes: Uint8Array, alignment = word) => {
    const offset = put(bytes, alignment);
    entries.push([tag, base + offset]);
    return offset;
  };
  table(6, symbolTable(around, names, imports, exports));
  const hash = options.hash ?? "gnu";
  if (hash === "gnu") table(0x6ffffef5, gnuHash(format, imports.length + 1, exports));
  if (hash === "old") table(4, oldHash(format, imports, exports));
  if (versions.numbers.size > 0) {
    table(0x6ffffff0, versionsOfSymbols(format, versions, imports, exports), 2);
  }
  if (versions.needs.length > 0) {
    table(0x6ffffffe, versionNeeds(format, names, versions), 4);
    entries.push([0x6fffffff, versions.needs.length]);
  }
  if (versions.definitions.length > 0) {
    table(0x6ffffffc, versionDefinitions(format, names, versions, options.soname ?? "base"), 4);
    entries.push([0x6ffffffd, versions.definitions.length + 1]);
  }
  for (const entry of relocations(around, imports)) entries.push(entry);
  const strings = put(names.bytes, 1);
  entries.push(
    [5, base + strings],
    [10, names.bytes.byteLength],
    [11, format.bits === 64 ? 24 : 16],
  );
  return new ElfWriter(format).word(...entries.flat(), 0, 0).done();
}

function importOf(one: string | ImportOptions): Import {
  const { name: whole, ...rest } = typeof one === "string" ? { name: one } : one;
  const [name = "", version] = whole.split("@");
  return { ...rest, name, ...(version === undefined ? {} : { version }) };
}

function exportOf(one: string): Export {
  const [, name = "", at, version] = /^([^@]*)(?:(@@?)(.*))?$/.exec(one) ?? [];
  return { name, isHidden: at === "@", ...(version === undefined ? {} : { version }) };
}

function symbolTable(
  { format, entry }: Surroundings,
  names: NameTable,
  imports: readonly Import[],
  exports: readonly Export[],
): Buffer {
  const writer = new ElfWriter(format).bytes(new Uint8Array(format.bits === 64 ? 24 : 16));
  const symbol = (name: string, binding: number, place: number, value: number) => {
    const info = binding * 16 + 2;
    writer.int(names.place(name));
    if (format.bits === 64) writer.byte(info, 0).half(place).word(value, 8);
    else writer.word(value, 8).byte(info, 0).half(place);
  };
  for (const { name, isWeak } of imports) symbol(name, isWeak === true ? 2 : 1, 0, 0);
  for (const { name } of exports) symbol(name, 1, 1, entry);
  return writer.done();
}

/** One bucket, and a filter that lets everything through. */
function gnuHash(format: ElfFormat, first: number, exports: readonly Export[]): Buffer {
  const all = format.bits === 64 ? [0xffffffff, 0xffffffff] : [0xffffffff];
  const writer = new ElfWriter(format).int(1, first, 1, 6, ...all);
  writer.int(exports.length === 0 ? 0 : first);
  for (const [index, { name }] of exports.entries()) {
    const last = index === exports.length - 1 ? 1 : 0;
    writer.int(((gnuHashOf(name) & ~1) | last) >>> 0);
  }
  return writer.done();
}

function gnuHashOf(name: string): number {
  let hash = 5381;
  for (const byte of Buffer.from(name)) hash = (Math.imul(hash, 33) + byte) >>> 0;
  return hash;
}

/** One bucket that chains every symbol. */
function oldHash(
  format: ElfFormat,
  imports: readonly Import[],
  exports: readonly Export[],
): Buffer {
  const count = 1 + imports.length + exports.length;
  const chain = Array.from({ length: count }, (_, index) => (index + 1 < count ? index + 1 : 0));
  return new ElfWriter(format).int(1, count, count > 1 ? 1 : 0, 0, ...chain.slice(1)).done();
}

/** A relocation of each import, and the entries that lead to them. */
function relocations(
  { format, machine, base, put }: Surroundings,
  imports: readonly Import[],
): readonly (readonly [number, number])[] {
  const types = relocationTypes[machine] ?? { lazy: 0, eager: 0 };
  const hasAddend = !machinesWithRel.has(machine);
  const tableOf = (isEager: boolean, type: number) => {
    const writer = new ElfWriter(format);
    for (const [index, one] of imports.entries()) {
      if ((one.isEager === true) !== isEager) continue;
      const target = base + put(new Uint8Array(8), 8);
      writer.word(target);
      relocationInfo(writer, format, machine, index + 1, type);
      if (hasAddend) writer.word(0);
    }
    return writer.done();
  };
  const [eager, lazy] = [tableOf(true, types.eager), tableOf(false, types.lazy)];
  const [table, size, entry] = hasAddend ? [7, 8, 9] : [17, 18, 19];
  const entryBytes = (hasAddend ? 3 : 2) * (format.bits / 8);
  const entries: (readonly [number, number])[] = [];
  if (eager.byteLength > 0) {
    const offset = put(eager, 8);
    entries.push([table, base + offset], [size, eager.byteLength], [entry, entryBytes]);
  }
  if (lazy.byteLength > 0) {
    // Where lazy binding begins, the loader writes two words of its own.
    const got = put(new Uint8Array(32), 8);
    const offset = put(lazy, 8);
    entries.push([3, base + got], [23, base + offset], [2, lazy.byteLength], [20, table]);
  }
  return entries;
}

function relocationInfo(
  writer: ElfWriter,
  { bits, littleEndian }: ElfFormat,
  machine: number,
  symbol: number,
  type: number,
): void {
  if (bits === 32) writer.int(symbol * 256 + type);
  else if (machine === machineMips && littleEndian) writer.int(symbol).byte(0, 0, 0, type);
  else if (littleEndian) writer.int(type, symbol);
  else writer.int(symbol, type);
}
