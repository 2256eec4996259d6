/** Programs of other systems: Mach-O and PE. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readMachO } from "./mach-o.ts";
import { readPe } from "./pe.ts";

const machOs: readonly (readonly [string, string, readonly string[] | undefined])[] = [
  ["a program for arm64", "cffaedfe 0c000001 00000000", ["arm64"]],
  ["a program for x86-64", "cffaedfe 07000001 03000000", ["amd64"]],
  ["a 32-bit program for x86", "cefaedfe 07000000 03000000", ["386"]],
  ["a program of the other byte order", "feedface 00000012 00000000", ["ppc"]],
  ["a machine that nobody knows", "cffaedfe 63000000 00000000", ["cputype 99"]],
  [
    "a fat file",
    `cafebabe 00000002 01000007${"00".repeat(16)} 0100000c${"00".repeat(16)}`,
    ["amd64", "arm64"],
  ],
  [
    "a fat file of wide entries",
    `cafebabf 00000002 01000007${"00".repeat(28)} 0100000c${"00".repeat(28)}`,
    ["amd64", "arm64"],
  ],
  ["a class of Java 8", "cafebabe 00000034 001d0a00", undefined],
  ["a class of Java 1.1", "cafebabe 0003002d 001d0a00", undefined],
  ["a fat file of nothing", "cafebabe 00000000", undefined],
  ["a magic number alone", "cffaedfe", undefined],
];

for (const [what, hex, architectures] of machOs) {
  test(`${what} is ${architectures?.join(" and ") ?? "no Mach-O file"}`, () => {
    assert.deepEqual(readMachO(Buffer.from(hex.replaceAll(" ", ""), "hex")), architectures);
  });
}

for (const [machine, architecture] of [
  [0x8664, "amd64"],
  [0xaa64, "arm64"],
  [0x14c, "386"],
  [0x1c4, "arm"],
  [0xebc, "machine 0xebc"],
] as const) {
  test(`a PE file for ${architecture} says so`, () => {
    assert.deepEqual(readPe(pe(machine)), { architecture });
  });
}

test("an Actually Portable Executable is told from a program of Windows", () => {
  const bytes = pe(0x8664);
  bytes.write("MZqFpD='", 0);
  assert.deepEqual(readPe(bytes), { architecture: "amd64", isPortable: true });
});

test("what merely begins with MZ is no PE file", () => {
  assert.equal(readPe(Buffer.from("MZ")), undefined);
  assert.equal(readPe(pe(0x8664).subarray(0, 0x80)), undefined);
  assert.equal(readPe(Buffer.concat([Buffer.from("MZ"), Buffer.alloc(100)])), undefined);
});

test("random bytes behind each magic number never throw", () => {
  const magic = fc.constantFrom("cffaedfe", "feedface", "cafebabe", "cafebabf", "4d5a");
  fc.assert(
    fc.property(magic, fc.uint8Array({ maxLength: 200 }), (hex, rest) => {
      const bytes = Buffer.concat([Buffer.from(hex, "hex"), rest]);
      readMachO(bytes);
      readPe(bytes);
    }),
  );
});

function pe(machine: number): Buffer {
  const bytes = Buffer.alloc(0x100);
  bytes.write("MZ");
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write("PE\0\0", 0x80);
  bytes.writeUInt16LE(machine, 0x84);
  return bytes;
}
