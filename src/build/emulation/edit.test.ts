import assert from "node:assert/strict";
import { test } from "node:test";
import { edited, insertion } from "./edit.ts";

test("changes are made where they belong, in their own order where they meet", () => {
  const edits = [
    { start: 4, end: 6, text: "XX" },
    insertion(4, "<"),
    insertion(4, "["),
    insertion(8, "!"),
  ];
  assert.equal(edited("abc de f", edits), "abc <[XX f!");
});

test("of two that overlap the first counts", () => {
  const edits = [
    { start: 0, end: 3, text: "1" },
    { start: 2, end: 4, text: "2" },
  ];
  assert.equal(edited("abcd", edits), "1d");
});
