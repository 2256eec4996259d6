import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mergeRanges, partialFile, wholeFile } from "./bytes.ts";

const kilobyte = 1024;

test("neighbouring and overlapping ranges become one, and none leaves the file", () => {
  const merged = mergeRanges(
    [
      { offset: 100 * kilobyte, length: 50 * kilobyte },
      { offset: 0, length: 10 },
      { offset: 10, length: 1000 },
      { offset: 120 * kilobyte, length: kilobyte },
      { offset: 300 * kilobyte, length: 10 },
    ],
    140 * kilobyte,
  );
  assert.deepEqual(merged, [
    { offset: 0, length: 1010 },
    { offset: 100 * kilobyte, length: 40 * kilobyte },
  ]);
});

test("whatever the ranges, every byte of them is in one that was merged", () => {
  const range = fc.record({ offset: fc.nat(100_000), length: fc.nat(20_000) });
  fc.assert(
    fc.property(fc.array(range), fc.nat(100_000), (ranges, size) => {
      const merged = mergeRanges(ranges, size);
      for (const { offset, length } of ranges) {
        const end = Math.min(offset + length, size);
        if (offset >= end) continue;
        assert.ok(merged.some((one) => one.offset <= offset && end <= one.offset + one.length));
      }
    }),
  );
});

test("of a file that was kept in pieces a range is read where one piece holds it", () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, index) => index);
  const file = partialFile(100, [
    { offset: 0, bytes: bytes.subarray(0, 20) },
    { offset: 50, bytes: bytes.subarray(50, 60) },
  ]);
  assert.deepEqual(file.read({ offset: 52, length: 3 }), Uint8Array.of(52, 53, 54));
  assert.deepEqual(file.read({ offset: 0, length: 20 }), bytes.subarray(0, 20));
  assert.equal(file.read({ offset: 19, length: 2 }), undefined);
  assert.equal(file.read({ offset: 30, length: 1 }), undefined);
  assert.deepEqual(wholeFile(bytes).read({ offset: 99, length: 1 }), Uint8Array.of(99));
});
