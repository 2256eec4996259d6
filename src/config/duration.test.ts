import assert from "node:assert/strict";
import { test } from "node:test";
import { durationPattern, parseDuration } from "./duration.ts";

const durations: Readonly<Record<string, number | undefined>> = {
  "90s": 90_000,
  "10m": 600_000,
  "1h30m": 5_400_000,
  "250ms": 250,
  "0s": 0,
  // As Compose writes what a file said as `36h` and `1500ms`.
  "36h0m0s": 129_600_000,
  "1.5s": 1500,
  "400us": 0.4,
  "": undefined,
  "90": undefined,
  "1d": undefined,
  "-5s": undefined,
  "5s ago": undefined,
  "5 s": undefined,
};

for (const [text, expected] of Object.entries(durations)) {
  test(`"${text}" is ${expected === undefined ? "no duration" : `${expected} ms`}`, () => {
    assert.equal(parseDuration(text), expected);
  });
}

test("whatever people may write is a duration", () => {
  for (const text of ["90s", "10m", "1h30m", "250ms"]) {
    assert.match(text, durationPattern);
    assert.notEqual(parseDuration(text), undefined);
  }
  for (const text of ["90", "1.5s", "5 m", ""]) assert.doesNotMatch(text, durationPattern);
});
