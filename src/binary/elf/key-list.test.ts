import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { KeyList } from "./key-list.ts";
import { symbolKey } from "./symbol-key.ts";

function sorted(keys: readonly number[]): readonly number[] {
  const list = new KeyList();
  for (const key of keys) list.add(key);
  return [...list.sorted()];
}

const ascending = (keys: readonly number[]) => keys.toSorted((one, other) => one - other);

test("keys of names come back ascending", () => {
  const keys = Array.from({ length: 5000 }, (_, index) => symbolKey(`name${index}`));
  assert.deepEqual(sorted(keys), ascending(keys));
});

test("keys that somebody chose come back ascending too", () => {
  const key = fc.oneof(fc.nat(100), fc.maxSafeNat(), fc.constant(2 ** 53 - 1));
  fc.assert(
    fc.property(fc.array(key, { maxLength: 500 }), (keys) => {
      assert.deepEqual(sorted(keys), ascending(keys));
    }),
  );
  const crowded = Array.from({ length: 20_000 }, (_, index) => 20_000 - index);
  assert.deepEqual(sorted(crowded), ascending(crowded));
  assert.deepEqual(sorted([]), []);
});
