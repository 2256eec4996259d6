import assert from "node:assert/strict";
import { test } from "node:test";
import { dynamicTags } from "./dynamic-section.ts";
import { machines } from "./layout.ts";
import { tableContradiction } from "./table-contradiction.ts";

const amd64 = 62;
const { init, initArray, initArraySize } = dynamicTags;

/** What linkers write: a function, and two parts of an array of functions. */
const sections = [
  section({ type: 1, address: 0x1000, size: 0x17 }),
  section({ type: 1, address: 0x1100, size: 0x1000 }),
  section({ type: 14, address: 0x3000, size: 0x10 }),
  section({ type: 14, address: 0x3010, size: 0x8 }),
  section({ type: 1, address: 0x3018, size: 0x20 }),
];
const whole = [
  [init, 0x1000],
  [initArray, 0x3000],
  [initArraySize, 0x18],
] as const;

const within = "what it runs first or last begins in the midst of it";
const array = "what it runs first or last is not what its sections say";

const cases: readonly (readonly [string, readonly (readonly [number, number])[], string?])[] = [
  ["what the linker wrote", whole],
  ["a function among others", [...whole, [init, 0x1180]]],
  ["a function that begins too late", [...whole, [init, 0x1008]], within],
  ["an array that begins too late", [...whole, [initArray, 0x3008]], array],
  ["an array of which a part is left out", [...whole, [initArraySize, 0x10]], array],
  ["an array that ends too late", [...whole, [initArraySize, 0x20]], array],
  [
    "an array of nothing",
    [...whole, [dynamicTags.finiArray, 0x4000], [dynamicTags.finiArraySize, 0]],
  ],
  ["an array that ends with another section", [...whole, [initArraySize, 0x38]], array],
  ["an array that nobody runs", [[init, 0x1000]], array],
];

for (const [name, entries, expected] of cases) {
  test(`${name}: ${expected ?? "no contradiction"}`, () => {
    assert.equal(contradiction(entries, amd64), expected);
  });
}

test("on ARM the lowest bit of a function's address is none of it", () => {
  assert.equal(contradiction([...whole, [init, 0x1001]], machines.arm), undefined);
  assert.equal(contradiction([...whole, [init, 0x1001]], amd64), within);
});

function contradiction(entries: readonly (readonly [number, number])[], machine: number) {
  const dynamic = { values: new Map(entries), hasRepeats: false, hasMore: false };
  return tableContradiction(sections, { ...dynamic, lists: [], segments: [] }, machine);
}

function section(own: { readonly type: number; readonly address: number; readonly size: number }) {
  return { flags: 2, offset: own.address, ...own };
}
