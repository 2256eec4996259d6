import assert from "node:assert/strict";
import { test } from "node:test";
import { globExpression } from "./glob.ts";

const cases: readonly (readonly [string, string, boolean])[] = [
  ["/srv/*.so", "/srv/a.so", true],
  ["/srv/*.so", "/srv/lib/a.so", false],
  ["/srv/**", "/srv/lib/a.so", true],
  ["/srv/**/a.so", "/srv/a.so", true],
  ["/srv/**/a.so", "/srv/lib/deep/a.so", true],
  ["app:?", "app:1", true],
  ["app:?", "app:12", false],
  ["**/app:*", "registry.example.org/team/app:1", true],
  ["**/app:*", "app:1", true],
  ["app+(x).[y]", "app+(x).[y]", true],
  ["app.1", "appx1", false],
];

for (const [glob, name, isMatch] of cases)
  test(`${glob} ${isMatch ? "is" : "is not"} of ${name}`, () => {
    assert.equal(globExpression(glob).test(name), isMatch);
  });
