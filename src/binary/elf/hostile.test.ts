/** ELF files that lie: whatever their tables claim, reading them ends soon and throws nothing. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { elfFile } from "../../../test/elf/elf-file.ts";
import { partialFile, wholeFile } from "../bytes.ts";
import type { ElfReading } from "./elf.ts";
import { elfRanges } from "./ranges.ts";
import { readElf, readElfHead } from "./reading.ts";
import { symbolsOf } from "./symbol-entries.ts";

const whole = {
  interpreter: "/lib/ld.so",
  needed: ["liba.so", "libb.so"],
  soname: "libc.so",
  runpath: "/opt",
  versionNeeds: { "liba.so": ["A_1", "A_2"], "libb.so": ["?B_1"] },
  imports: ["foo@A_1", "bar@B_1", { name: "baz", isEager: true }],
  exports: ["one@@C_1", "two@C_0", "three"],
  buildId: "0123456789",
  goBuildId: "a/b",
  leastKernel: [3, 2, 0],
  go: { version: "go1.26", settings: { GOARCH: "amd64" } },
} as const;

const files = [
  elfFile({ ...whole, x86Needed: 3 }),
  elfFile({ ...whole, hash: "old" }),
  elfFile({ ...whole, architecture: "s390x" }),
  elfFile({ ...whole, architecture: "arm", arm: [6, 10, 28, 1] }),
  elfFile({ ...whole, architecture: "mips64le" }),
  readFileSync(process.execPath).subarray(0, 200_000),
];

/** Bytes that are likely to hurt. */
const value = fc.oneof(fc.constantFrom(0, 1, 4, 0x7f, 0x80, 0xff), fc.nat(255));

test("a file of which bytes are changed is read, or refused, and no more", () => {
  fc.assert(
    fc.property(
      fc.nat(files.length - 1),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 8 }), value), { maxLength: 8 }),
      (index, changes) => {
        const bytes = Uint8Array.from(files[index] ?? []);
        for (const [place, length, byte] of changes) {
          const at = 6 + (place % (bytes.byteLength - 6));
          bytes.fill(byte, at, at + length);
        }
        readEveryWay(bytes);
      },
    ),
    { numRuns: 2000 },
  );
});

test("a file that is cut anywhere is read, or refused, and no more", () => {
  for (const file of files.slice(0, -1)) {
    for (let length = 0; length < file.byteLength; length += 1) {
      readEveryWay(file.subarray(0, length));
    }
  }
});

test("random bytes behind the magic number are read, or refused, and no more", () => {
  const start = fc.constantFrom([2, 1], [2, 2], [1, 1], [1, 2], [0, 0]);
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 1000 }), ([width, order], rest) => {
      readEveryWay(Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, width ?? 0, order ?? 0, 1, ...rest]));
    }),
    { numRuns: 1000 },
  );
});

test("chains of versions that turn in a circle end", () => {
  const bytes = elfFile(whole);
  const view = new DataView(bytes.buffer);
  const needs = tableAt(view, 0x6ffffffe);
  // The next library 0xfffffff0 bytes on would be the one before, were numbers to wrap.
  view.setUint32(needs + 12, 0xfffffff0, true);
  assert.equal(read(bytes).elf.dynamic?.versionNeeds.length, 1);
  // Both libraries share one chain of versions.
  view.setUint32(needs + 12, 16, true);
  assert.ok((read(bytes).elf.dynamic?.versionNeeds.length ?? 0) >= 1);
});

test("a million names that share one long name are given up", () => {
  // Symbols fill 10 MB, and each of them is the same name of 60,000 letters.
  const count = 400_000;
  const name = "x".repeat(60_000);
  const small = elfFile({ exports: [name], hash: "old", code: new Uint8Array(16) });
  const bytes = new Uint8Array(small.byteLength + count * 24 + 16 + count * 4);
  bytes.set(small);
  const view = new DataView(bytes.buffer);
  const symbol = bytes.slice(tableAt(view, 6) + 24, tableAt(view, 6) + 48);
  const symbols = small.byteLength;
  for (let index = 1; index < count; index += 1) bytes.set(symbol, symbols + index * 24);
  const hash = symbols + count * 24;
  view.setUint32(hash, 1, true);
  view.setUint32(hash + 4, count, true);
  setTable(view, 6, symbols);
  setTable(view, 4, hash);
  const load = 64 + 56 * (view.getUint16(56, true) - 1);
  for (const field of [32, 40]) view.setBigUint64(load + field, BigInt(bytes.byteLength), true);
  const reading = readElf(wholeFile(bytes));
  assert.equal(reading.outcome, "read");
  assert.ok(reading.symbols);
  assert.equal(symbolsOf(reading.symbols), undefined);
});

test("65,535 program headers are no more than the file holds", () => {
  const bytes = elfFile(whole);
  new DataView(bytes.buffer).setUint16(56, 0xffff, true);
  assert.equal(readElf(wholeFile(bytes)).outcome, "damaged");
  const big = new Uint8Array(4 * 1024 * 1024);
  big.set(bytes);
  assert.match(read(big).elf.startProblem ?? "", /more program headers than the kernel takes/);
});

function readEveryWay(bytes: Uint8Array): void {
  const outcomes = new Set<ElfReading["outcome"]>(["read", "needs", "damaged"]);
  const reading = readElf(wholeFile(bytes));
  assert.ok(outcomes.has(reading.outcome));
  if (reading.outcome === "read" && reading.symbols !== undefined) symbolsOf(reading.symbols);
  const head = bytes.subarray(0, 300);
  const size = bytes.byteLength * 1000;
  const ranges = elfRanges(bytes, size);
  assert.ok(ranges.every(({ offset, length }) => offset + length <= size));
  const some = partialFile(bytes.byteLength, [{ offset: 0, bytes: head }]);
  const partly = readElf(some);
  assert.ok(outcomes.has(partly.outcome));
  if (partly.outcome === "needs") {
    assert.ok(
      partly.ranges.every(
        ({ offset, length }) => offset + length <= bytes.byteLength && length > 0,
      ),
    );
  }
  assert.ok(outcomes.has(readElfHead(head, bytes.byteLength).outcome));
}

function read(bytes: Uint8Array): Extract<ElfReading, { outcome: "read" }> {
  const reading = readElf(wholeFile(bytes));
  assert.equal(reading.outcome, "read");
  return reading;
}

/** The value of an entry of the dynamic section of a 64-bit file in little-endian order, which is an offset too. */
function tableAt(view: DataView, tag: number): number {
  return Number(view.getBigUint64(entryAt(view, tag) + 8, true));
}

function setTable(view: DataView, tag: number, offset: number): void {
  view.setBigUint64(entryAt(view, tag) + 8, BigInt(offset), true);
}

function entryAt(view: DataView, tag: number): number {
  for (let index = 0; index < view.getUint16(56, true); index += 1) {
    const header = 64 + index * 56;
    if (view.getUint32(header, true) !== 2) continue;
    let at = Number(view.getBigUint64(header + 8, true));
    for (; view.getUint32(at, true) !== tag; at += 16);
    return at;
  }
  throw new Error("It has no dynamic section.");
}
