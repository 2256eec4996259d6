import assert from "node:assert/strict";
import { test } from "node:test";
import { type Segment, segmentTypes } from "./layout.ts";
import { segmentContradiction } from "./segment-contradiction.ts";

/** A page of data that is loaded, 256 bytes of which are in the file, from 0x1000 on. */
const loaded = segment(segmentTypes.load, {
  offset: 0x1000,
  address: 0x2000,
  fileBytes: 0x100,
  memoryBytes: 0x1000,
  alignment: 0x1000,
});
const within = { offset: 0x1040, address: 0x2040, fileBytes: 0x20, memoryBytes: 0x20 };

const twice = "it has two segments of a kind of which there is one";
const notes = "its notes are not in what is loaded";
const storage = "its thread-local storage is not what any thread can have";
const protection = "what is to be read-only after relocation is not in one of its segments";

const cases: readonly (readonly [string, readonly Segment[], string | undefined])[] = [
  ["notes in what is loaded", [segment(segmentTypes.note, within)], undefined],
  [
    "notes elsewhere in memory, as strip leaves them",
    [segment(segmentTypes.note, { ...within, address: 0x2080 })],
    undefined,
  ],
  ["notes that are loaded nowhere", [segment(segmentTypes.note, { ...within, address: 0 })], notes],
  [
    "properties that are longer in memory",
    [segment(segmentTypes.gnuProperty, { ...within, memoryBytes: 0x1_0000 })],
    notes,
  ],
  [
    "notes that end behind what is loaded",
    [segment(segmentTypes.note, { ...within, memoryBytes: 0x1000 })],
    notes,
  ],
  ["two places of notes", [1, 2].map(() => segment(segmentTypes.note, within)), undefined],
  ["two dynamic sections", [1, 2].map(() => segment(segmentTypes.dynamic, within)), twice],
  [
    "two tables of program headers",
    [1, 2].map(() => segment(segmentTypes.programHeaders, within)),
    twice,
  ],
  [
    "thread-local storage, part of it zeros",
    [segment(segmentTypes.threadLocal, { ...within, memoryBytes: 0x80, alignment: 16 })],
    undefined,
  ],
  [
    "thread-local storage of zeros alone",
    [segment(segmentTypes.threadLocal, { ...within, address: 0x9000, fileBytes: 0 })],
    undefined,
  ],
  [
    "thread-local storage elsewhere in memory",
    [segment(segmentTypes.threadLocal, { ...within, address: 0x2048 })],
    storage,
  ],
  [
    "thread-local storage that is larger in the file",
    [segment(segmentTypes.threadLocal, { ...within, memoryBytes: 0x10 })],
    storage,
  ],
  [
    "thread-local storage of a terabyte",
    [segment(segmentTypes.threadLocal, { ...within, memoryBytes: 2 ** 40 })],
    storage,
  ],
  [
    "thread-local storage that begins at no multiple of anything",
    [segment(segmentTypes.threadLocal, { ...within, alignment: 0 })],
    storage,
  ],
  [
    "thread-local storage that begins at multiples of what no memory has",
    [segment(segmentTypes.threadLocal, { ...within, alignment: 2 ** 60 })],
    storage,
  ],
  [
    "protection up to the end of a page",
    [segment(segmentTypes.readOnlyAfterRelocation, { ...within, memoryBytes: 0xfc0 })],
    undefined,
  ],
  [
    "protection from elsewhere in memory on",
    [segment(segmentTypes.readOnlyAfterRelocation, { ...within, address: 0x2060 })],
    protection,
  ],
];

for (const [name, segments, expected] of cases) {
  test(`${name}: ${expected ?? "no contradiction"}`, () => {
    assert.equal(segmentContradiction([loaded, ...segments]), expected);
  });
}

function segment(type: number, more: Partial<Segment>): Segment {
  const none = { offset: 0, address: 0, fileBytes: 0, memoryBytes: 0, alignment: 1 };
  return { type, flags: 6, ...none, ...more };
}
