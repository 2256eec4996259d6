import assert from "node:assert/strict";
import { test } from "node:test";
import { isFailure } from "../errors.ts";
import { formatPlatform } from "../platform/platform.ts";
import { parsePlatforms } from "./platforms.ts";

test("platforms stand between commas", () => {
  const names = parsePlatforms("linux/amd64, arm64,").map(formatPlatform);
  assert.deepEqual(names, ["linux/amd64", "linux/arm64"]);
});

for (const text of ["", " ", ","]) {
  test(`${JSON.stringify(text)} names no platform`, () => {
    assert.throws(
      () => parsePlatforms(text),
      (error) => isFailure(error, "USAGE"),
    );
  });
}
