import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isFailure } from "../errors.ts";
import { digestOf } from "../oci/digest.ts";
import { networkOf, newReleaseId, parseAppName, parseReleaseId } from "./names.ts";

for (const name of ["a", "shop", "shop-web", "a.b_c", "a__b", "x--y", "1", "a".repeat(63)])
  test(`an app may be called ${name}`, () => assert.equal(parseAppName(name), name));

for (const name of ["v1", "V1.2.3", "20261127-143012-1f2e3d4c5b6a", "a_b", "1", "a".repeat(64)])
  test(`a release may be called ${name}`, () => assert.equal(parseReleaseId(name), name));

/** Each would be another word, path, option or command somewhere on the server. */
const hostile = [
  "",
  "..",
  "../x",
  "a/b",
  "-v",
  ".a",
  "a b",
  "a\nb",
  "a\n",
  "a;reboot",
  "$(reboot)",
  "`reboot`",
  "a'b",
  'a"b',
  "a\\b",
  "a*",
  "a\0",
  "ä",
];
for (const name of hostile) {
  test(`neither may be called ${JSON.stringify(name)}`, () => {
    assert.throws(
      () => parseAppName(name),
      (error) => isFailure(error, "APP_INVALID"),
    );
    assert.throws(
      () => parseReleaseId(name),
      (error) => isFailure(error, "RELEASE_INVALID"),
    );
  });
}

for (const name of ["Shop", "a-", "-a", "a..b", "a.-b", "a___b", "a".repeat(64)]) {
  test(`no app may be called ${name}`, () => {
    assert.throws(
      () => parseAppName(name),
      (error) => isFailure(error, "APP_INVALID"),
    );
  });
}

for (const name of ["v1-candidate", "v1-hook", "v1-prober", "a".repeat(65)]) {
  test(`no release may be called ${name}`, () => {
    assert.throws(
      () => parseReleaseId(name),
      (error) => isFailure(error, "RELEASE_INVALID"),
    );
  });
}

test("a name that is refused is shown without its control characters, and not at length", () => {
  assert.throws(
    () => parseAppName(`\u001B[2J${"A".repeat(500)}`),
    (error) => {
      assert.ok(isFailure(error, "APP_INVALID"));
      assert.match(error.message, /^"·\[2JA{76}…" cannot/);
      return true;
    },
  );
});

test("what is taken for a name needs no quoting anywhere", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      try {
        assert.match(parseReleaseId(text), /^\w[\w.-]*$/);
      } catch (error) {
        assert.ok(isFailure(error, "RELEASE_INVALID"));
      }
    }),
  );
});

test("a release is called by when it was made and of what", () => {
  const id = newReleaseId(new Date("2026-11-27T14:30:12.999Z"), digestOf("root"));
  assert.match(id, /^20261127-143012-[0-9a-f]{12}$/);
});

test("an app's network is called by it", () => {
  assert.equal(networkOf(parseAppName("shop")), "transship.shop");
});
