import assert from "node:assert/strict";
import { test } from "node:test";
import { elfFile, type ElfFileOptions } from "../../../test/elf/elf-file.ts";
import { type ByteRange, mergeRanges, partialFile } from "../bytes.ts";
import { headBytes } from "../content.ts";
import type { ElfReading } from "./elf.ts";
import { elfRanges } from "./ranges.ts";
import { readElf } from "./reading.ts";
import { symbolsOf } from "./symbol-entries.ts";

const megabyte = 1024 * 1024;

const options = {
  interpreter: "/lib64/ld-linux-x86-64.so.2",
  needed: ["libfoo.so", "libc.so.6"],
  runpath: "$ORIGIN",
  imports: ["foo@V1", { name: "bar", isEager: true }],
  exports: ["baz@@V2"],
  buildId: "0123",
} satisfies ElfFileOptions;

/** Reads a file of which only ranges are kept, as one does that streams by, and counts how often it had to. */
function readStreaming(bytes: Uint8Array): {
  readonly reading: ElfReading;
  readonly passes: number;
} {
  let ranges = elfRanges(bytes.subarray(0, headBytes), bytes.byteLength);
  for (let passes = 1; ; passes += 1) {
    const total = ranges.reduce((sum, { length }) => sum + length, 0);
    assert.ok(total <= 24 * megabyte, `${total} bytes are kept`);
    const reading = readElf(keep(bytes, ranges));
    if (reading.outcome !== "needs") return { reading, passes };
    assert.ok(passes < 6, "it ends");
    ranges = mergeRanges([...ranges, ...reading.ranges], bytes.byteLength);
  }
}

function keep(bytes: Uint8Array, ranges: readonly ByteRange[]) {
  return partialFile(
    bytes.byteLength,
    ranges.map(({ offset, length }) => {
      return { offset, bytes: Uint8Array.from(bytes.subarray(offset, offset + length)) };
    }),
  );
}

test("a big file whose tables stand at its beginning is read at once", () => {
  const small = elfFile(options);
  const big = new Uint8Array(20 * megabyte);
  big.set(small);
  const { reading, passes } = readStreaming(big);
  assert.equal(passes, 1);
  assert.deepEqual(reading, readElf(keep(small, [{ offset: 0, length: small.byteLength }])));
});

test("a big file whose tables stand behind 30 MiB of code is read after they were asked for", () => {
  const code = new Uint8Array(30 * megabyte);
  const { reading, passes } = readStreaming(elfFile({ ...options, code }));
  assert.ok(passes > 1);
  assert.equal(reading.outcome, "read");
  assert.deepEqual(reading.elf.dynamic?.needed, options.needed);
  assert.equal(reading.symbols && symbolsOf(reading.symbols)?.imports.length, 2);
});

test("tables that are too large to be kept leave the symbols unread", () => {
  // A string table that claims 30 MiB behind what is kept of the beginning.
  const bytes = elfFile({ ...options, code: new Uint8Array(20 * megabyte), missingBytes: 0 });
  const big = new Uint8Array(60 * megabyte);
  big.set(bytes);
  const view = new DataView(big.buffer);
  const load = 64 + 56 * (view.getUint16(56, true) - 1);
  for (const field of [32, 40]) view.setBigUint64(load + field, BigInt(big.byteLength), true);
  const dynamicAt = Number(view.getBigUint64(64 + 56 * 3 + 8, true));
  for (let at = dynamicAt; view.getUint32(at, true) !== 0; at += 16) {
    if (view.getUint32(at, true) === 10) view.setBigUint64(at + 8, BigInt(30 * megabyte), true);
  }
  const { reading } = readStreaming(big);
  assert.equal(reading.outcome, "read");
  assert.equal(reading.symbols, undefined);
  assert.match(reading.unread ?? "", /too large/);
  // What it needs is read all the same.
  assert.deepEqual(reading.elf.dynamic?.needed, options.needed);
});

test("ranges ascend, are apart and lie in the file, whatever the header says", () => {
  const bytes = elfFile(options);
  for (let at = 16; at < 512; at += 1) {
    const head = Uint8Array.from(bytes);
    head[at] = 0xff;
    const size = 40 * megabyte;
    let end = -1;
    for (const { offset, length } of elfRanges(head, size)) {
      assert.ok(offset > end && length > 0 && offset + length <= size);
      end = offset + length;
    }
  }
});
