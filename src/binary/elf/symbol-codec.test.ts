import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { elfFile } from "../../../test/elf/elf-file.ts";
import { wholeFile } from "../bytes.ts";
import { readElf } from "./reading.ts";
import { decodeSymbolTables, encodeSymbolTables } from "./symbol-codec.ts";
import { symbolsOf } from "./symbol-entries.ts";
import type { SymbolTables } from "./symbol-tables.ts";

const name = fc.string().map((text) => text.replaceAll("\0", "x"));
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const tables: fc.Arbitrary<SymbolTables> = fc
  .record({ bits: fc.constantFrom(32, 64), count: fc.nat(20), versionCount: fc.nat(20) })
  .chain(({ bits, count, versionCount }) =>
    fc.record(
      {
        machine: fc.nat(0xffff),
        bits: fc.constant(bits),
        littleEndian: fc.boolean(),
        count: fc.constant(count),
        firstExported: fc.nat(count),
        symbols: bytes(count * (bits === 64 ? 24 : 16)),
        strings: fc.uint8Array({ maxLength: 50 }),
        marks: bytes(count),
        versionOf: bytes(versionCount),
        versionNames: fc
          .array(fc.tuple(fc.nat(0x7fff), name), { maxLength: 3 })
          .map((list) => new Map(list)),
      },
      {
        requiredKeys: [
          "machine",
          "bits",
          "littleEndian",
          "count",
          "firstExported",
          "symbols",
          "strings",
          "marks",
          "versionNames",
        ],
      },
    ),
  );

function encoded(given: SymbolTables): Buffer {
  return Buffer.concat(encodeSymbolTables(given));
}

test("tables come back as they were", () => {
  fc.assert(
    fc.property(tables, (given) => {
      assert.deepEqual(plain(decodeSymbolTables(encoded(given))), plain(given));
    }),
  );
});

test("bytes that begin anywhere in memory are read, and say what the file's own tables say", () => {
  const exports = ["foo@@V1", "bar@V2", "plain"];
  const reading = readElf(wholeFile(elfFile({ exports, imports: ["baz"], soname: "libfoo.so" })));
  assert.equal(reading.outcome, "read");
  assert.ok(reading.symbols);
  const shifted = Buffer.concat([Buffer.alloc(3), encoded(reading.symbols)]).subarray(3);
  assert.deepEqual(symbolsOf(decodeSymbolTables(shifted)), symbolsOf(reading.symbols));
});

test("whatever the tables say is read, or is too much", () => {
  fc.assert(
    fc.property(tables, (given) => {
      const symbols = symbolsOf(given);
      assert.ok(symbols === undefined || symbols.imports.length <= given.count);
    }),
  );
});

test("damaged bytes are refused with a RangeError, or read as something else", () => {
  fc.assert(
    fc.property(tables, fc.nat(), fc.nat(255), fc.boolean(), (given, place, value, isCut) => {
      const whole = encoded(given);
      const at = place % whole.byteLength;
      const damaged = isCut ? whole.subarray(0, at) : Uint8Array.from(whole);
      if (!isCut) damaged[at] = value;
      try {
        symbolsOf(decodeSymbolTables(damaged));
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
    fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
      assert.throws(() => decodeSymbolTables(random), RangeError);
    }),
  );
});

function plain({ symbols, strings, marks, versionOf, versionNames, ...rest }: SymbolTables) {
  const parts = [symbols, strings, marks, versionOf].map((part) => part && Array.from(part));
  return { ...rest, parts, versionNames: [...versionNames] };
}
