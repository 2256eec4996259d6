import assert from "node:assert/strict";
import { homedir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { cacheDirectory, storeDirectory } from "./directory.ts";

test("the cache is XDG's, else .cache in the home directory", () => {
  assert.equal(cacheDirectory({ XDG_CACHE_HOME: "/c", HOME: "/h" }), "/c/transship");
  assert.equal(cacheDirectory({ HOME: "/h" }), "/h/.cache/transship");
  assert.equal(cacheDirectory({ HOME: "" }), path.join(homedir(), ".cache", "transship"));
});

test("a relative or empty XDG_CACHE_HOME does not count", () => {
  for (const named of ["", "cache", "./cache"])
    assert.equal(cacheDirectory({ XDG_CACHE_HOME: named, HOME: "/h" }), "/h/.cache/transship");
});

test("the flag --store wins and is made absolute", () => {
  assert.equal(storeDirectory({ flag: "/s", env: { HOME: "/h" } }), "/s");
  assert.equal(storeDirectory({ flag: "s", env: { HOME: "/h" } }), path.resolve("s"));
  assert.equal(storeDirectory({ env: { HOME: "/h" } }), "/h/.cache/transship/store");
});
