import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { elfFile } from "../../../test/elf/elf-file.ts";
import { wholeFile } from "../bytes.ts";
import { readElf } from "./reading.ts";
import { decodeSymbols, encodeSymbols } from "./symbol-codec.ts";
import type { ElfSymbols } from "./symbols.ts";

const name = fc.string({ minLength: 1 }).map((text) => text.replaceAll("\0", "x"));
const keys = fc
  .array(fc.nat(), { maxLength: 20 })
  .map((list) => Float64Array.from(list).toSorted());
const symbols: fc.Arbitrary<ElfSymbols> = fc.record({
  imports: fc.array(
    fc.record(
      { name, version: name, isWeak: fc.boolean(), isEager: fc.boolean() },
      { requiredKeys: ["name", "isWeak", "isEager"] },
    ),
  ),
  exports: fc.record({
    versioned: keys,
    open: keys,
    plain: keys,
    oldest: keys,
    hasVersions: fc.boolean(),
  }),
});

test("symbols come back as they were", () => {
  fc.assert(
    fc.property(symbols, (given) => {
      assert.deepEqual(plain(decodeSymbols(encodeSymbols(given))), plain(given));
    }),
  );
});

test("bytes that begin anywhere in memory are read", () => {
  const reading = readElf(wholeFile(elfFile({ exports: ["foo", "bar"], imports: ["baz"] })));
  assert.equal(reading.outcome, "read");
  assert.ok(reading.symbols);
  const bytes = encodeSymbols(reading.symbols);
  const shifted = Buffer.concat([Buffer.alloc(3), bytes]).subarray(3);
  assert.deepEqual(decodeSymbols(shifted), reading.symbols);
});

test("damaged bytes are refused with a RangeError, or read as something else", () => {
  fc.assert(
    fc.property(symbols, fc.nat(), fc.nat(255), fc.boolean(), (given, place, value, isCut) => {
      const bytes = encodeSymbols(given);
      const at = place % bytes.byteLength;
      const damaged = isCut ? bytes.subarray(0, at) : Uint8Array.from(bytes);
      if (!isCut) damaged[at] = value;
      try {
        decodeSymbols(damaged);
      } catch (error) {
        assert.ok(error instanceof RangeError);
        return;
      }
      assert.ok(!isCut, "what is cut short is refused");
    }),
  );
});

test("random bytes are refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.throws(() => decodeSymbols(bytes), RangeError);
    }),
  );
});

function plain({ imports, exports }: ElfSymbols) {
  const { versioned, open, plain: defaults, oldest, hasVersions } = exports;
  const lists = [versioned, open, defaults, oldest].map((list) => Array.from(list));
  return { imports: imports.map((one) => ({ ...one })), lists, hasVersions };
}
