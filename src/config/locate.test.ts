import assert from "node:assert/strict";
import { test } from "node:test";
import { locate, parseSource, type Way } from "./locate.ts";

const main = `x-common: &common
  x-transship:
    builder: mine
x-transship:
  platforms: &both
    - linux/amd64
    - linux/arm64
  waivers:
    - rule: label
services:
  web:
    <<: *common
    build: .
  api: { x-transship: { platforms: *both } }
`;
const override = `x-transship: {waivers: [{rule: other, reason: why}]}
services:
  web: {build: {target: prod}}
`;
const sources = [
  { name: "compose.yaml", text: main },
  { name: "compose.override.yaml", text: override },
].map(parseSource);

const places: readonly (readonly [Way, "key" | "value", string])[] = [
  [["x-transship", "platforms", 1], "value", "compose.yaml:7:7"],
  [["x-transship", "platforms"], "key", "compose.yaml:5:3"],
  // Lists of several files stand one after the other.
  [["x-transship", "waivers", 0, "rule"], "value", "compose.yaml:9:13"],
  [["x-transship", "waivers", 1, "reason"], "value", "compose.override.yaml:1:47"],
  [["x-transship", "waivers", 1, "reason"], "key", "compose.override.yaml:1:39"],
  // The last file that has it counts.
  [["services", "web", "build", "target"], "value", "compose.override.yaml:3:25"],
  [["services", "web", "build"], "key", "compose.override.yaml:3:9"],
  // Through an alias, and through a merge.
  [["services", "api", "x-transship", "platforms", 0], "value", "compose.yaml:6:7"],
  [["services", "web", "x-transship", "builder"], "value", "compose.yaml:3:14"],
  // What is nowhere is told by what is around it.
  [["x-transship", "waivers", 0, "until"], "value", "compose.yaml:9:7"],
  [["services", "included", "x-transship"], "value", "compose.override.yaml:2:1"],
];

for (const [way, at, place] of places) {
  test(`${way.join(".")} (${at}) is at ${place}`, () => {
    assert.equal(locate(way, sources, at), place);
  });
}

test("maps that merge one another have an end", () => {
  const looped = parseSource({ name: "c.yaml", text: "a: &a\n  b: &b { <<: *a }\n  <<: *b\n" });
  assert.equal(locate(["a", "c"], [looped], "value"), "c.yaml:1:1");
});

test("without a file there is still a name", () => {
  assert.equal(locate(["x"], [], "value"), "compose.yaml");
});
