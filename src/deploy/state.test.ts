import assert from "node:assert/strict";
import { test } from "node:test";
import { parseState } from "./state.ts";

const text = `at=1795750200
operation=deploy-x1-y2
verb=deploy
release=v2
previous=v1
strategy=recreate
pid=4711
phase=done
verdict=rolled-back
reason=it said: a=b "c" \\
gap_ms=
back_ms=640
serving=v1
`;

test("a state as the watchdog writes it", () => {
  assert.deepEqual(parseState(text), {
    operation: "deploy-x1-y2",
    verb: "deploy",
    release: "v2",
    phase: "done",
    verdict: "rolled-back",
    reason: 'it said: a=b "c" \\',
    serving: "v1",
    previous: "v1",
    strategy: "recreate",
    gapMs: undefined,
    backMs: 640,
    at: 1_795_750_200,
  });
});

test("where no operation has begun there is none", () => {
  for (const nothing of ["", "\n", "at=1\n", "words of another kind\n"])
    assert.equal(parseState(nothing), undefined);
});

test("what a later watchdog says more is no trouble, and what is missing is empty", () => {
  const { verdict, serving, at } =
    parseState("phase=gating\nweather=sunny\nverdict=splendid\n") ?? {};
  assert.deepEqual([verdict, serving, at], [undefined, "", 0]);
});
