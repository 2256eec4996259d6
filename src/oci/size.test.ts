import assert from "node:assert/strict";
import { test } from "node:test";
import { formatSize } from "./size.ts";

test("a size is read in the unit that fits it", () => {
  const sizes = [0, 640, 12_340, 76_600_000, 1_240_000_000].map(formatSize);
  assert.deepEqual(sizes, ["0 B", "640 B", "12.3 kB", "76.6 MB", "1.24 GB"]);
});
