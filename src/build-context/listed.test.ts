import assert from "node:assert/strict";
import { test } from "node:test";
import { listed } from "./listed.ts";

const lists: readonly (readonly [readonly string[], string])[] = [
  [[], ""],
  [["a"], "a"],
  [["a", "b"], "a and b"],
  [["a", "b", "c", "d"], "a, b, c and d"],
  [["a", "b", "c", "d", "e"], "a, b, c and 2 more"],
];

for (const [names, line] of lists)
  test(`${names.length} names are "${line}"`, () => {
    assert.equal(listed(names), line);
  });
