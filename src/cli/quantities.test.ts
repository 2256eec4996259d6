import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "../errors.ts";
import { parseSize, parseSpan } from "./quantities.ts";

const size = (text: string) => parseSize(text, "--max-size", "transship store prune");
const span = (text: string) => parseSpan(text, "--older-than", "transship store prune");
const isUsage = (error: unknown) => isFailure(error, "USAGE") && error.exitCode === 2;

test("a size is read in powers of ten, as it is printed, or in powers of two where the unit says so", () => {
  assert.deepEqual(["0", "640 B", "12.3 kB", "500MB", "1.24 GB", "10g", "2GiB", "1TB"].map(size), [
    0,
    640,
    12_300,
    5e8,
    1.24e9,
    1e10,
    2 ** 31,
    1e12,
  ]);
});

test("a span of time is read, its parts added", () => {
  assert.deepEqual(
    ["0s", "45m", "12h", "30d", "2w", "1d12h", "1.5h"].map((text) => span(text) / 60e3),
    [0, 45, 720, 43_200, 20_160, 2_160, 90],
  );
});

for (const text of ["", "GB", "-1GB", "1 000", "10XB", "1e3", "9999999999TB"]) {
  test(`${JSON.stringify(text)} is no size`, () => {
    assert.throws(() => size(text), isUsage);
  });
}

for (const text of ["", "30", "d", "-1d", "30 days", "1d and 2h", "5y"]) {
  test(`${JSON.stringify(text)} is no span of time`, () => {
    assert.throws(() => span(text), isUsage);
  });
}
