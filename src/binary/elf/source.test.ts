import assert from "node:assert/strict";
import { test } from "node:test";
import { partialFile } from "../bytes.ts";
import { ElfSource } from "./source.ts";

const megabyte = 1024 * 1024;

function sourceOf(size: number): ElfSource {
  return new ElfSource(partialFile(size, []), { bits: 64, littleEndian: true });
}

test("what was not kept is asked for once, however often it is wanted", () => {
  const source = sourceOf(100 * megabyte);
  for (const length of [20 * megabyte, 20 * megabyte, 24]) {
    assert.equal(source.table(megabyte, length), undefined);
  }
  assert.deepEqual(source.missing, [{ offset: megabyte, length: 20 * megabyte }]);
  assert.equal(source.isTooMuch, false);
});

test("more than 32 MiB is not asked for, and said to be too much", () => {
  const source = sourceOf(100 * megabyte);
  assert.equal(source.table(0, 20 * megabyte), undefined);
  assert.equal(source.table(30 * megabyte, 20 * megabyte), undefined);
  assert.deepEqual(source.missing, [{ offset: 0, length: 20 * megabyte }]);
  assert.equal(source.isTooMuch, true);
});
