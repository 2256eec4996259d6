import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestWord } from "./words.ts";

const known = ["platforms", "builder", "cache", "push", "releases_to_keep", "from", "to"];
const meant: Readonly<Record<string, string | undefined>> = {
  platfroms: "platforms",
  platform: "platforms",
  Platforms: "platforms",
  releasesToKeep: "releases_to_keep",
  "releases-to-keep": "releases_to_keep",
  cahce: "cache",
  pusch: "push",
  frm: "from",
  replicas: undefined,
  servers: undefined,
  x: undefined,
};

for (const [word, expected] of Object.entries(meant)) {
  test(`${word} means ${expected ?? "nothing that is known"}`, () => {
    assert.equal(nearestWord(word, known), expected);
  });
}
