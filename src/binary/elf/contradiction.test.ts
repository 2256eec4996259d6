import assert from "node:assert/strict";
import { test } from "node:test";
import { elfFile } from "../../../test/elf/elf-file.ts";
import { wholeFile } from "../bytes.ts";
import { readElf } from "./reading.ts";

const library = elfFile({
  soname: "libfoo.so",
  exports: ["foo"],
  imports: [{ name: "bar", isEager: true }],
});
const lazyLibrary = elfFile({ soname: "libfoo.so", imports: [{ name: "bar" }], buildId: "0f0f" });
const program = elfFile({ interpreter: "/lib64/ld-linux-x86-64.so.2", needed: ["libc.so.6"] });

const types = { load: 1, dynamic: 2, interpreter: 3, note: 4, readOnlyAfterRelocation: 0x6474e552 };

/** Of each section its type, the tag whose value is its address, and the tag that says its size; eight bytes where none does. */
const sections = [
  { type: 11, tag: 6 },
  { type: 3, tag: 5, sizeTag: 10 },
  { type: 0x6ffffff6, tag: 0x6ffffef5 },
  { type: 4, tag: 23, sizeTag: 2 },
  { type: 1, tag: 3 },
] as const;
const sectioned = withSections(lazyLibrary);

const cases: readonly (readonly [string, Uint8Array, string | undefined])[] = [
  ["a library as the linker wrote it", library, undefined],
  ["a program as the linker wrote it", program, undefined],
  [
    "a program for any address that is said to be for fixed ones",
    changed(program, (bytes) => bytes.writeUInt16LE(2, 16)),
    "its addresses are fixed, and begin where no program may lie",
  ],
  [
    "entries of symbols of another size",
    withDynamic(library, 11, (entry) => entry.writeBigUInt64LE(25n, 8)),
    "its dynamic section gives the entries of a table a size that they do not have",
  ],
  [
    "entries of relocations of another size",
    withDynamic(library, 9, (entry) => entry.writeBigUInt64LE(16n, 8)),
    "its dynamic section gives the entries of a table a size that they do not have",
  ],
  [
    "relocations without their size",
    withDynamic(library, 8, (entry) => entry.writeBigUInt64LE(0x6fff_0000n, 0)),
    "its dynamic section lacks a part of what it has of a table",
  ],
  [
    "a relocation of a symbol, counted as relative",
    withDynamic(library, 14, (entry) => {
      entry.writeBigUInt64LE(0x6ffffff9n, 0);
      entry.writeBigUInt64LE(1n, 8);
    }),
    "its dynamic section counts more relative relocations than come first",
  ],
  [
    "more relative relocations than there are",
    withDynamic(library, 14, (entry) => {
      entry.writeBigUInt64LE(0x6ffffff9n, 0);
      entry.writeBigUInt64LE(2n, 8);
    }),
    "its dynamic section counts more relative relocations than come first",
  ],
  [
    "symbols without a hash table",
    withDynamic(library, 0x6ffffef5, (entry) => entry.writeBigUInt64LE(0x6fff_0000n, 0)),
    "its symbols have no hash table",
  ],
  [
    "a string table far away",
    withDynamic(library, 5, (entry) => entry.writeBigUInt64LE(0x1000_0000n, 8)),
    "its dynamic section points where nothing is loaded",
  ],
  [
    "its own name far away",
    withDynamic(library, 14, (entry) => entry.writeBigUInt64LE(0x1000_0000n, 8)),
    "its dynamic section has a name beyond its string table",
  ],
  [
    "the name of a library far away",
    withDynamic(program, 1, (entry) => entry.writeBigUInt64LE(0x1000_0000n, 8)),
    "its dynamic section has a name beyond its string table",
  ],
  [
    "its own name in the place of what runs first",
    withHeader(
      withDynamic(library, 14, (entry) => entry.writeBigUInt64LE(12n, 0)),
      types.load,
      (header) => header.writeUInt32LE(6, 4),
    ),
    "what it runs first or last is not in an executable segment",
  ],
  [
    "its own name said twice",
    withDynamic(library, 5, (entry) => entry.writeBigUInt64LE(14n, 0)),
    "its dynamic section says twice what it can say once",
  ],
  ["a library that is bound when it is called", lazyLibrary, undefined],
  [
    "slots that are nowhere",
    withDynamic(lazyLibrary, 3, (entry) => entry.writeBigUInt64LE(0x6fff_0000n, 0)),
    "it does not say where the slots of its relocations are",
  ],
  [
    "relocations of a third kind",
    withDynamic(lazyLibrary, 20, (entry) => entry.writeBigUInt64LE(8n, 8)),
    "its relocations are of no kind",
  ],
  [
    "slots that are protected before they are filled",
    withHeader(lazyLibrary, types.note, (header) => {
      header.writeUInt32LE(types.readOnlyAfterRelocation, 0);
      header.writeBigUInt64LE(0n, 16);
      header.writeBigUInt64LE(4096n, 40);
    }),
    "what is written later is to be read-only after relocation",
  ],
  [
    "a loader without anything to load",
    withHeader(program, types.dynamic, (header) => header.writeUInt32LE(0, 0)),
    "it names a loader, and has no dynamic section for it",
  ],
  [
    "a dynamic section said to be elsewhere in the file",
    withHeader(library, types.dynamic, (header) =>
      header.writeBigUInt64LE(header.readBigUInt64LE(8) + 8n, 8),
    ),
    "its dynamic section is not where its segments have it",
  ],
  [
    "the name of an interpreter said to be elsewhere in memory",
    withHeader(program, types.interpreter, (header) =>
      header.writeBigUInt64LE(header.readBigUInt64LE(16) + 0x1000n, 16),
    ),
    "the name of its interpreter is said to be in two places",
  ],
  [
    "a segment that may be neither read nor written nor executed",
    withHeader(library, types.load, (header) => header.writeUInt32LE(0, 4)),
    "nobody may touch one of its segments",
  ],
  [
    "a segment with more bytes than room",
    withHeader(library, types.load, (header) => header.writeBigUInt64LE(16n, 40)),
    "a segment is larger in the file than in memory",
  ],
  [
    "a first segment that lies beyond the end",
    withHeader(elfFile({ type: 2, buildId: "0f0f" }), types.note, (header) => {
      header.writeUInt32LE(types.load, 0);
      header.writeBigUInt64LE(0x10000n, 8);
      header.writeBigUInt64LE(0x1000n, 16);
      header.writeBigUInt64LE(0x1000n, 48);
    }),
    "a segment lies beyond its end, and one behind that does not",
  ],
  [
    "protection of what is not loaded",
    withHeader(library, types.dynamic, (header) => {
      header.writeUInt32LE(types.readOnlyAfterRelocation, 0);
      header.writeBigUInt64LE(0x2000_0000n, 16);
    }),
    "what is to be read-only after relocation is not in one of its segments",
  ],
  [
    "protection beyond the end",
    withHeader(library, types.dynamic, (header) => {
      header.writeUInt32LE(types.readOnlyAfterRelocation, 0);
      header.writeBigUInt64LE(0x2000_0000n, 40);
    }),
    "what is to be read-only after relocation is not in one of its segments",
  ],
  [
    "an entry outside of the code",
    changed(program, (bytes) => bytes.writeBigUInt64LE(0x2000_0000n, 24)),
    "its entry is not in an executable segment",
  ],
  ["a library with section headers", sectioned, undefined],
  [
    "symbols elsewhere than their section",
    withDynamic(sectioned, 6, (entry) => entry.writeBigUInt64LE(entry.readBigUInt64LE(8) + 24n, 8)),
    "its dynamic section and its sections name different places",
  ],
  [
    "a table in the midst of a section",
    withDynamic(sectioned, 3, (entry) => entry.writeBigUInt64LE(entry.readBigUInt64LE(8) + 8n, 8)),
    "its dynamic section points into the midst of a section",
  ],
  [
    "a string table that is longer than its section",
    withDynamic(sectioned, 10, (entry) =>
      entry.writeBigUInt64LE(entry.readBigUInt64LE(8) + 4096n, 8),
    ),
    "its string table has two sizes",
  ],
  [
    "more relocations than their section has",
    withDynamic(sectioned, 2, (entry) => entry.writeBigUInt64LE(entry.readBigUInt64LE(8) + 24n, 8)),
    "its dynamic section and its sections tell of different relocations",
  ],
  [
    "a section of relocations that nobody reads",
    [23, 2, 20].reduce(
      (bytes, tag) =>
        withDynamic(bytes, tag, (entry) => entry.writeBigUInt64LE(0x6000_0000n + BigInt(tag), 0)),
      sectioned,
    ),
    "its dynamic section and its sections tell of different relocations",
  ],
];

for (const [name, bytes, expected] of cases) {
  test(`${name}: ${expected ?? "no contradiction"}`, () => {
    const reading = readElf(wholeFile(bytes));
    assert.equal(reading.outcome === "read" ? reading.elf.contradiction : reading, expected);
  });
}

function changed(original: Uint8Array, change: (bytes: Buffer) => void): Uint8Array {
  const bytes = Buffer.from(original);
  change(bytes);
  return new Uint8Array(bytes);
}

/** The program header of a type, changed: 56 bytes of ELF64. */
function withHeader(
  original: Uint8Array,
  type: number,
  change: (header: Buffer) => void,
): Uint8Array {
  return changed(original, (bytes) => change(headerOf(bytes, type)));
}

/** The entry of a tag in the dynamic section, changed. */
function withDynamic(
  original: Uint8Array,
  tag: number,
  change: (entry: Buffer) => void,
): Uint8Array {
  return changed(original, (bytes) => change(dynamicEntry(bytes, tag)));
}

/** Tag and value, 8 bytes each. */
function dynamicEntry(bytes: Buffer, tag: number): Buffer {
  const section = bytes.subarray(Number(headerOf(bytes, types.dynamic).readBigUInt64LE(8)));
  let at = 0;
  while (section.readBigUInt64LE(at) !== BigInt(tag)) at += 16;
  return section.subarray(at, at + 16);
}

function valueOf(bytes: Buffer, tag: number): bigint {
  return dynamicEntry(bytes, tag).readBigUInt64LE(8);
}

/** The library with the headers of {@link sections} behind it: 64 bytes each of ELF64. */
function withSections(original: Uint8Array): Uint8Array {
  const bytes = Buffer.from(original);
  const headers = sections.map(({ type, tag, ...more }) => {
    const header = Buffer.alloc(64);
    const address = valueOf(bytes, tag);
    header.writeUInt32LE(type, 4);
    header.writeBigUInt64LE(2n, 8);
    header.writeBigUInt64LE(address, 16);
    header.writeBigUInt64LE(address, 24);
    header.writeBigUInt64LE("sizeTag" in more ? valueOf(bytes, more.sizeTag) : 8n, 32);
    return header;
  });
  bytes.writeBigUInt64LE(BigInt(bytes.length), 40);
  bytes.writeUInt16LE(64, 58);
  bytes.writeUInt16LE(headers.length, 60);
  return new Uint8Array(Buffer.concat([bytes, ...headers]));
}

function headerOf(bytes: Buffer, type: number): Buffer {
  const count = bytes.readUInt16LE(56);
  for (let index = 0; index < count; index += 1) {
    const header = bytes.subarray(64 + index * 56, 64 + (index + 1) * 56);
    if (header.readUInt32LE(0) === type) return header;
  }
  throw new Error(`no program header of type ${type.toString()}`);
}
