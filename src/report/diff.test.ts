import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { unifiedDiff } from "./diff.ts";

/** The diff without its first two lines. */
function hunks(before: string, after: string): readonly string[] {
  return unifiedDiff("f", before, after).split("\n").slice(2, -1);
}

const ten = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";

test("the same text has no diff", () => {
  assert.equal(unifiedDiff("f", ten, ten), "");
});

test("a change has three lines around it, and both names", () => {
  assert.equal(
    unifiedDiff("a/Dockerfile", ten, ten.replace("5\n", "x\ny\n")),
    "--- a/Dockerfile\n+++ a/Dockerfile\n@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+x\n+y\n 6\n 7\n 8\n",
  );
  assert.ok(unifiedDiff("my file", "a", "b").startsWith("--- my file\t\n+++ my file\t\n"));
});

test("changes whose surroundings meet share a hunk, others do not", () => {
  const near = ten.replace("2\n", "x\n").replace("9\n", "y\n");
  assert.equal(hunks(ten, near).filter((line) => line.startsWith("@@")).length, 1);
  const far = `${ten}11\n${ten}`;
  const changed = far.replace("2\n", "x\n").replace("11\n", "");
  assert.deepEqual(
    hunks(far, changed).filter((line) => line.startsWith("@@")),
    ["@@ -1,5 +1,5 @@", "@@ -8,7 +8,6 @@"],
  );
});

test("a last line without an end is told, and carriage returns stay", () => {
  assert.deepEqual(hunks("a\r\nb", "a\r\nb\n"), [
    "@@ -1,2 +1,2 @@",
    " a\r",
    "-b",
    "\\ No newline at end of file",
    "+b",
  ]);
  assert.deepEqual(hunks("", "a\n"), ["@@ -0,0 +1,1 @@", "+a"]);
});

/** Carries a diff out, and holds each line that it shows against the text. */
function patched(before: string, diff: string): string {
  const old = before.match(/[^\n]*\n/g) ?? [];
  const out: string[] = [];
  let at = 0;
  for (const line of diff.match(/[^\n]*\n/g)?.slice(2) ?? []) {
    const hunk = /^@@ -(\d+),(\d+) /.exec(line);
    const [sign, own] = [line.charAt(0), line.slice(1)];
    if (hunk !== null) {
      const start = Number(hunk[1]) - (hunk[2] === "0" ? 0 : 1);
      out.push(...old.slice(at, start));
      at = start;
    } else {
      if (sign !== "+") {
        assert.equal(old[at], own);
        at += 1;
      }
      if (sign !== "-") out.push(own);
    }
  }
  return [...out, ...old.slice(at)].join("");
}

test("carried out, the diff makes the one text of the other", () => {
  const text = fc
    .array(fc.constantFrom("a", "b", "c\r", ""), { maxLength: 40 })
    .map((lines) => lines.map((line) => `${line}\n`).join(""));
  fc.assert(
    fc.property(text, text, (before, after) => {
      assert.equal(patched(before, unifiedDiff("f", before, after)), after);
    }),
  );
});

test("texts that have nothing in common are compared in little time", () => {
  const lines = Array.from({ length: 50_000 }, (_, at) => `line ${at}\n`).join("");
  const diff = unifiedDiff("f", lines, lines.replaceAll("line", "row"));
  assert.ok(diff.startsWith("--- f\n+++ f\n@@ -1,50000 +1,50000 @@\n-line 0\n"));
});
