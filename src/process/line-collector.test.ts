import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { LineCollector } from "./line-collector.ts";

test("in whatever pieces a text comes, its lines are the same", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "ä", "€", "😀", "\n", "\r") });
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 5 })), (whole, sizes) => {
      const bytes = Buffer.from(whole);
      const collector = new LineCollector(1000);
      const lines: string[] = [];
      for (let at = 0, n = 0; at < bytes.length; n += 1) {
        const end = at + (sizes[n] ?? bytes.length);
        collector.feed(bytes.subarray(at, end), (line) => {
          lines.push(line);
          collector.add(line);
        });
        at = end;
      }
      const expected = whole.split("\n");
      assert.deepEqual(lines, expected.slice(0, -1));
      assert.equal(collector.peek(), whole);
      assert.equal(collector.take(), lines.join("\n"));
      assert.equal(collector.peek(), expected.at(-1));
    }),
  );
});

test("what is kept is the end, of many lines and of a long one", () => {
  const collector = new LineCollector(10);
  const add = (line: string) => collector.add(line);
  for (let n = 0; n < 5_000; n += 1) collector.feed(Buffer.from(`${n}\n`), add);
  assert.equal(collector.peek(), "4998\n4999\n");
  assert.equal(collector.take(), "\n4998\n4999");
  for (let n = 0; n < 100; n += 1) collector.feed(Buffer.from("abcde"), add);
  assert.ok(collector.peek().length <= 10);
  collector.feed(Buffer.from("end\n"), add);
  assert.equal(collector.take(), "deabcdeend".slice(-10));
});
