import assert from "node:assert/strict";
import { test } from "node:test";
import { type Segment, segmentTypes } from "./layout.ts";
import { sectionContradiction } from "./section-contradiction.ts";
import { type Section, sectionFlags, sectionTypes } from "./sections.ts";

const { loaded, write, executable, perThread } = sectionFlags;
const data = 1;
const outside = "a section lies outside its segments";
const storage = "its thread-local storage is not what its sections say";
const protection = "what is to be read-only after relocation ends within a section";

const code = segment(segmentTypes.load, { flags: 5, address: 0x1000, fileBytes: 0x200 });
const written = segment(segmentTypes.load, {
  address: 0x2000,
  fileBytes: 0x100,
  memoryBytes: 0x300,
});
const threads = segment(segmentTypes.threadLocal, {
  address: 0x2000,
  fileBytes: 0x10,
  memoryBytes: 0x30,
  alignment: 16,
});
const whole = [code, written, threads];

const text = section({ flags: loaded | executable, address: 0x1000, size: 0x200 });
const variables = section({ address: 0x2010, size: 0xf0 });
const zeros = section({ type: sectionTypes.noBits, address: 0x2100, size: 0x200 });
const own = [
  section({ flags: loaded | write | perThread, address: 0x2000, size: 0x10 }),
  section({
    type: sectionTypes.noBits,
    flags: loaded | write | perThread,
    address: 0x2010,
    size: 0x18,
  }),
];
const sections = [text, variables, zeros, ...own];

const cases: readonly (readonly [string, readonly Section[], readonly Segment[], string?])[] = [
  ["what the linker wrote", sections, whole],
  ["code where nothing is executed", sections, [{ ...code, flags: 4 }, written, threads], outside],
  ["variables that are read-only", sections, [code, { ...written, flags: 4 }, threads], outside],
  ["a section behind its segment", [{ ...text, size: 0x201 }], whole, outside],
  ["a section elsewhere in the file", [{ ...text, offset: 0x1008 }], whole, outside],
  [
    "zeros where the file has something",
    [...sections, section({ type: sectionTypes.noBits, address: 0x2080, size: 0x10 })].slice(2),
    [code, { ...written, fileBytes: 0x180 }, threads],
    outside,
  ],
  [
    "zeros before the last section, as on PowerPC",
    [
      section({ type: sectionTypes.noBits, address: 0x2010, size: 8 }),
      section({ address: 0x2018, size: 0xe8 }),
      ...own,
    ],
    whole,
  ],
  ["thread-local sections without a segment", sections, [code, written], storage],
  ["no thread-local section at all", [text], whole],
  [
    "storage that begins later",
    sections,
    [code, written, { ...threads, address: 0x2008 }],
    storage,
  ],
  [
    "storage with more of the file",
    sections,
    [code, written, { ...threads, fileBytes: 0x18 }],
    storage,
  ],
  ["too little storage", sections, [code, written, { ...threads, memoryBytes: 0x20 }], storage],
  ["too much storage", sections, [code, written, { ...threads, memoryBytes: 0x48 }], storage],
  ["protection of whole sections", sections, [...whole, protectedUpTo(0x2100)]],
  ["protection of the loader's own words", sections, [...whole, protectedUpTo(0x2118)]],
  ["protection of half a section", sections, [...whole, protectedUpTo(0x2200)], protection],
];

for (const [name, held, segments, expected] of cases) {
  test(`${name}: ${expected ?? "no contradiction"}`, () => {
    assert.equal(sectionContradiction(held, { segments, machine: 62 }, undefined), expected);
  });
}

function protectedUpTo(end: number): Segment {
  const address = 0x2000;
  return segment(segmentTypes.readOnlyAfterRelocation, { address, memoryBytes: end - address });
}

/** Its place in the file is its address, and it is as large there as in memory. */
function segment(type: number, more: Partial<Segment> & Pick<Segment, "address">): Segment {
  const { address, fileBytes = 0 } = more;
  const common = { offset: address, fileBytes, memoryBytes: fileBytes, alignment: 1 };
  return { type, flags: 6, ...common, ...more };
}

function section(more: Partial<Section> & Pick<Section, "address" | "size">): Section {
  return { type: data, flags: loaded | write, offset: more.address, ...more };
}
