import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { checksOf } from "./checks.ts";
import { parseEvent } from "./event.ts";

const events: Readonly<Record<string, object | undefined>> = {
  "phase preparing": { kind: "phase", phase: "preparing", detail: "" },
  "phase undoing it said: no": { kind: "phase", phase: "undoing", detail: "it said: no" },
  "switched 840": { kind: "switched", gapMs: 840 },
  // Nothing served before.
  "switched ": { kind: "switched", gapMs: undefined },
  "verdict deployed ": { kind: "verdict", verdict: "deployed", reason: "" },
  "verdict rolled-back /health answered 500": {
    kind: "verdict",
    verdict: "rolled-back",
    reason: "/health answered 500",
  },
  // There was nothing to decide.
  "verdict  ": { kind: "verdict", verdict: undefined, reason: "" },
  "check health pass /health answered 200, 3 times": {
    kind: "check",
    id: "health",
    status: "pass",
    detail: "/health answered 200, 3 times",
  },
  "check weather pass sunny": undefined,
  "check health perhaps": undefined,
  "log   at main.js:12": { kind: "log", text: "  at main.js:12" },
  "log ": { kind: "log", text: "" },
  "log verdict deployed": { kind: "log", text: "verdict deployed" },
  "locked ann@mac": { kind: "locked", text: "ann@mac" },
  "weather sunny": undefined,
};
for (const [text, expected] of Object.entries(events)) {
  test(`told: ${text}`, () => {
    const read = parseEvent(`1200 ${text}`);
    assert.deepEqual(read, expected && { atMs: 1_200, ...expected });
  });
}

test("whatever else comes is no event, and no crash", () => {
  for (const line of ["", "ended", "1200", "soon phase gating", "-1 phase gating"])
    assert.equal(parseEvent(line), undefined, line);
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.deepEqual(parseEvent(`7 log ${text}`), { atMs: 7, kind: "log", text });
    }),
  );
});

test("of each check the last word counts, and what was not reached is skipped", () => {
  const told = [
    "1 check runtime-architecture pass uname -m says x86_64",
    "2 check health pass /health answered 200, 3 times in a row",
    "3 check health fail /health answered 500",
  ].flatMap((line) => parseEvent(line) ?? []);
  assert.deepEqual(checksOf(told), [
    { id: "runtime-architecture", status: "pass", detail: "uname -m says x86_64" },
    { id: "health", status: "fail", detail: "/health answered 500" },
    { id: "bake", status: "skip", detail: "not reached" },
  ]);
});

test("the image's own health check is told of where it has one", () => {
  const told = [parseEvent("1 check healthcheck pass it passed")].flatMap((one) => one ?? []);
  const ids = checksOf(told).map(({ id, status }) => `${id} ${status}`);
  assert.deepEqual(ids, [
    "runtime-architecture skip",
    "health skip",
    "healthcheck pass",
    "bake skip",
  ]);
});
