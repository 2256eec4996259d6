import assert from "node:assert/strict";
import { test } from "node:test";
import {
  changed,
  types,
  valueOf,
  withDynamic,
  withHeader,
  withSection,
  withSections,
  withTable,
} from "../../../test/elf/changed.ts";
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

const partOfGlibc = elfFile({ soname: "libc.so.6", exports: ["puts@GLIBC_PRIVATE"] });
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
    "slots where nothing is loaded",
    withDynamic(lazyLibrary, 3, (entry) => entry.writeBigUInt64LE(0x1000_0000n, 8)),
    "the slots of its relocations are where no slots can be",
  ],
  [
    "half a relocation at the end of the table",
    withDynamic(library, 8, (entry) => entry.writeBigUInt64LE(36n, 8)),
    "a table of its dynamic section is not of whole entries",
  ],
  [
    "a table of relocations that begins at half a word",
    withDynamic(library, 7, (entry) => entry.writeBigUInt64LE(entry.readBigUInt64LE(8) + 4n, 8)),
    "a table of its dynamic section is not of whole entries",
  ],
  [
    "a table of relocations that is longer than its segment",
    withDynamic(library, 8, (entry) => entry.writeBigUInt64LE(24n * 1000n, 8)),
    "a table of its dynamic section is not of whole entries",
  ],
  [
    "a function that no relocation leads to",
    withTable(lazyLibrary, 23, (table) => table.writeUInt32LE(0, 8)),
    "a relocation is of no kind",
  ],
  [
    "a relocation that no machine has",
    withTable(library, 7, (table) => table.writeUInt32LE(0x1000000, 8)),
    "a relocation is of no kind",
  ],
  [
    "a relocation of nothing",
    withTable(library, 7, (table) => table.writeUInt32LE(0, 8)),
    undefined,
  ],
  [
    "a relocation of what is not loaded",
    withTable(library, 7, (table) => table.writeBigUInt64LE(0x1000_0000n, 0)),
    "a relocation is of what cannot be written to",
  ],
  [
    "a relocation of what is read-only",
    withHeader(library, types.load, (header) => header.writeUInt32LE(5, 4)),
    "a relocation is of what cannot be written to",
  ],
  [
    "entries behind the end of the dynamic section",
    withDynamic(library, 14, (entry) => entry.writeBigUInt64LE(0n, 0)),
    "its dynamic section goes on behind its end",
  ],
  [
    "a string table that ends within a name",
    withDynamic(library, 10, (entry) => entry.writeBigUInt64LE(entry.readBigUInt64LE(8) - 1n, 8)),
    "its string table begins or ends within a name",
  ],
  [
    "symbols that begin with the second",
    withDynamic(library, 6, (entry) => entry.writeBigUInt64LE(entry.readBigUInt64LE(8) + 24n, 8)),
    "its symbols do not begin with the one that is none",
  ],
  [
    "a first symbol with the place of an empty name",
    withTable(library, 6, (table) =>
      table.writeUInt32LE(Number(valueOf(Buffer.from(library), 10)) - 1, 0),
    ),
    undefined,
  ],
  [
    "a first symbol with a name",
    withTable(library, 6, (table) => table.writeUInt32LE(1, 0)),
    "its symbols do not begin with the one that is none",
  ],
  [
    "a hash table of other names",
    withTable(library, 5, (names) => names.write("g", names.indexOf("\0foo\0") + 1)),
    "its hash table is not one of its symbols",
  ],
  [
    "a function that is not in code",
    withHeader(library, types.load, (header) => header.writeUInt32LE(6, 4)),
    "its first function is not in an executable segment",
  ],
  [
    "a hash table whose filter has an odd size",
    withTable(library, 0x6ffffef5, (table) => table.writeUInt32LE(0, 8)),
    "its hash table is not one of its symbols",
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
      for (const at of [8, 16]) header.writeBigUInt64LE(0n, at);
      header.writeBigUInt64LE(4096n, 40);
    }),
    "what is written later is to be read-only after relocation",
  ],
  ["a part of glibc under its own name", partOfGlibc, undefined],
  [
    "a part of glibc under another name",
    withDynamic(partOfGlibc, 14, (entry) => entry.writeBigUInt64LE(0n, 8)),
    "it is a part of glibc under another name",
  ],
  [
    "a header that says another size of itself",
    changed(library, (bytes) => bytes.writeUInt16LE(52, 52)),
    "its header has another size than it says",
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
    "a segment of more memory than machines have",
    withHeader(library, types.load, (header) => header.writeBigUInt64LE(2n ** 40n, 40)),
    "a segment is to have more memory than a machine may have",
  ],
  [
    "no segment that is loaded",
    withHeader(elfFile(), types.load, (header) => header.writeUInt32LE(0, 0)),
    "nothing of it is loaded",
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
    withSection(sectioned, 11, (header) => {
      for (const at of [16, 24]) header.writeBigUInt64LE(header.readBigUInt64LE(at) + 24n, at);
    }),
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
    "more relocations in their section than anybody reads",
    withSection(sectioned, 4, (header) =>
      header.writeBigUInt64LE(header.readBigUInt64LE(32) + 24n, 32),
    ),
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
