import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { codeFrame } from "./frame.ts";

const text = "FROM a\n\tRUN make \\\n\t  install\nUSER me\nCMD x\nEXPOSE 1\n";

test("lines have their numbers, and what is meant has carets below it", () => {
  const range = { line: 4, column: 6, endLine: 4, endColumn: 8 };
  assert.deepEqual(codeFrame(text, range, { context: 1 }), [
    "  3 | \t  install",
    "> 4 | USER me",
    "    |      ^^",
    "  5 | CMD x",
  ]);
  assert.equal(codeFrame(text, range).length, 6);
});

test("a range over several lines is marked in each, without their indents, and tabs stay tabs", () => {
  const range = { line: 2, column: 6, endLine: 3, endColumn: 11 };
  assert.deepEqual(codeFrame(text, range, { context: 0 }), [
    "> 2 | \tRUN make \\",
    "    | \t    ^^^^^^",
    "> 3 | \t  install",
    "    | \t  ^^^^^^^",
  ]);
});

function frameAt(line: number, column: number): readonly string[] {
  return codeFrame("a\nbc", { line, column, endLine: line, endColumn: column }, { context: 0 });
}

test("an empty range is one caret, at the end of the line or of the text as well", () => {
  assert.deepEqual(frameAt(2, 3), ["> 2 | bc", "    |   ^"]);
  assert.deepEqual(frameAt(3, 1), ["> 3 |", "    | ^"]);
});

test("a long line is cut around what is meant", () => {
  const line = `RUN ${"x".repeat(500)}HERE${"y".repeat(500)}`;
  const frame = codeFrame(
    line,
    { line: 1, column: 505, endLine: 1, endColumn: 509 },
    { width: 40 },
  );
  assert.deepEqual(frame, [
    `> 1 | …${"x".repeat(10)}HERE${"y".repeat(26)}…`,
    `    | ${" ".repeat(11)}^^^^`,
  ]);
});

test("of a long range the middle is left out", () => {
  const lines = Array.from({ length: 100 }, (_, at) => `line ${at + 1}`).join("\n");
  const frame = codeFrame(lines, { line: 10, column: 1, endLine: 90, endColumn: 3 });
  const numbers = frame.flatMap((line) => /^[> ] +(\d+) \|/.exec(line)?.[1] ?? []);
  assert.equal(numbers.join(" "), "8 9 10 11 12 13 14 15 85 86 87 88 89 90 91 92");
  assert.ok(frame.includes("     …"));
});

test("control characters do not reach the terminal", () => {
  const [line] = codeFrame("a\u001B[31mb\r\n", { line: 1, column: 1, endLine: 1, endColumn: 2 });
  assert.equal(line, "> 1 | a·[31mb");
});

test("no range breaks the frame, and it stays small", () => {
  const place = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(fc.string({ maxLength: 400 }), place, place, place, place, (source, ...places) => {
      const [line, column, more, endColumn] = places;
      const frame = codeFrame(source, { line, column, endLine: line + more, endColumn });
      assert.ok(frame.length <= 32);
      for (const shown of frame) assert.ok(shown.length <= 600);
    }),
  );
});
