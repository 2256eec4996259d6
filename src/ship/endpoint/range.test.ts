import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Range, readRange } from "./range.ts";

const whole = undefined;
/** Of ten bytes. */
const table: Readonly<Record<string, Range | "unsatisfiable" | undefined>> = {
  "bytes=0-": { start: 0, end: 9 },
  "bytes=0-0": { start: 0, end: 0 },
  "bytes=3-5": { start: 3, end: 5 },
  "bytes=3-": { start: 3, end: 9 },
  "bytes=9-9": { start: 9, end: 9 },
  "bytes=5-99": { start: 5, end: 9 },
  "bytes=0003-0005": { start: 3, end: 5 },
  "BYTES=3-5": { start: 3, end: 5 },
  "bytes=-1": { start: 9, end: 9 },
  "bytes=-4": { start: 6, end: 9 },
  "bytes=-10": { start: 0, end: 9 },
  "bytes=-99": { start: 0, end: 9 },
  [`bytes=0-${"9".repeat(400)}`]: { start: 0, end: 9 },
  [`bytes=-${"9".repeat(400)}`]: { start: 0, end: 9 },
  "bytes=10-": "unsatisfiable",
  "bytes=10-12": "unsatisfiable",
  "bytes=-0": "unsatisfiable",
  [`bytes=${"9".repeat(400)}-`]: "unsatisfiable",
  "": whole,
  "bytes=": whole,
  "bytes=-": whole,
  "bytes=5-3": whole,
  "bytes=12-10": whole,
  "bytes=0-1,3-4": whole,
  "bytes=0-1, 3-4": whole,
  "bytes=+1-2": whole,
  "bytes=1.5-2": whole,
  "bytes=0x1-2": whole,
  "bytes=1e1-": whole,
  "bytes=٣-٥": whole,
  "bytes=--1": whole,
  "bytes 0-1/10": whole,
  "bytes = 0-1": whole,
  "bytes=0-1 ": whole,
  "bytes=0-1\n": whole,
  "items=0-1": whole,
  "0-1": whole,
};
for (const [header, range] of Object.entries(table)) {
  const shown = header.length > 40 ? `${header.slice(0, 20)}…` : header;
  test(`${JSON.stringify(shown)} of ten bytes`, () =>
    assert.deepEqual(readRange(header, 10), range));
}

test("without a header it is the whole, and of nothing there is no part", () => {
  assert.equal(readRange(undefined, 10), undefined);
  for (const header of Object.keys(table)) assert.equal(readRange(header, 0), undefined);
});

test("sizes beyond 4 GiB", () => {
  const size = 2 ** 40;
  assert.deepEqual(readRange(`bytes=${2 ** 33}-`, size), { start: 2 ** 33, end: size - 1 });
  assert.deepEqual(readRange(`bytes=-${2 ** 33}`, size), { start: size - 2 ** 33, end: size - 1 });
});

test("whatever the header says, a range is within and of at least one byte", () => {
  const number = fc.oneof(
    fc.constant(""),
    fc.nat(20).map(String),
    fc.bigInt({ min: 0n }).map(String),
  );
  const header = fc.oneof(
    fc.string(),
    fc.tuple(number, number).map(([first, last]) => `bytes=${first}-${last}`),
  );
  fc.assert(
    fc.property(header, fc.nat(20), (text, size) => {
      const range = readRange(text, size);
      if (range === undefined || range === "unsatisfiable") return;
      const { start, end } = range;
      assert.ok(0 <= start && start <= end && end < size, `${start}-${end} of ${size}`);
    }),
  );
});
