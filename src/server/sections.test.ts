import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { readSections, section } from "./sections.ts";

const table: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "": {},
  "no heading at all\n": {},
  "before\n=transship one\na\nb\n=transship two\nc\n": { one: "a\nb", two: "c\n" },
  "=transship one\n=transship two\n": { one: "", two: "" },
  "=transship one": { one: "" },
  "=transship one\na =transship two\n=transshipped\n": { one: "a =transship two\n=transshipped\n" },
  "=transship one\r\na\r\n": { "one\r": "a\r\n" },
  "=transship one\nfirst\n=transship one\nlast\n": { one: "last\n" },
};
for (const [output, read] of Object.entries(table)) {
  test(JSON.stringify(output), () => assert.deepEqual(readSections(output), read));
}

test("what a shell prints is read", () => {
  const script = `${section("one")}; echo a\n${section("none")}; true\n${section("two")}; printf b`;
  const { stdout } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
  assert.deepEqual(readSections(stdout), { one: "a", none: "", two: "b" });
});
