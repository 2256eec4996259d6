/** What is computed of requests that are written down here. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Kind, type Request, resultOf, summaryOf } from "./result.ts";

const kind: Kind = { method: "GET", isSlow: false, isKept: false };
const slow: Kind = { ...kind, isSlow: true };

function answered(at: number, release = "1", more: Partial<Request> = {}): Request {
  return { at, ms: 2, kind, ok: true, release, ...more };
}

function failed(at: number): Request {
  return { at, ms: 1, kind, ok: false, reason: "refused" };
}

test("the gap is the longest time from a failure's begin to the next success's", () => {
  const requests = [0, 10, 20].map((at) => answered(at));
  const after = [failed(30), answered(40), failed(50), failed(60), failed(70), answered(85)];
  assert.deepEqual(summaryOf([...requests, ...after], 90).gap, { from: 50, to: 85, ms: 35 });
  assert.equal(summaryOf(requests, 90).gap, undefined);
  assert.deepEqual(summaryOf([answered(0), failed(10)], 90).gap, { from: 10, to: 90, ms: 80 });
});

test("requests count by their begin, whichever ended first", () => {
  const requests = [
    answered(30),
    failed(10),
    answered(20, "1", { ms: 500, kind: slow }),
    answered(0),
  ];
  const load = resultOf({ requests, websockets: [], durationMs: 40, latestStart: 0 });
  assert.deepEqual(load.gap, { from: 10, to: 20, ms: 10 });
  const { total, failed: missed } = load.between(10, 30);
  assert.deepEqual([total, missed], [2, 1]);
  assert.deepEqual([load.served(9), load.served(10), load.served(25)], [true, false, true]);
  assert.equal(resultOf({ ...load, requests: [] }).served(5), false);
});

test("times are those of requests that succeeded and were not slow by intent", () => {
  const requests = Array.from({ length: 100 }, (_, n) => answered(n, "1", { ms: 100 - n }));
  const others = [answered(100, "1", { ms: 510, kind: slow }), { ...failed(101), ms: 5000 }];
  const { p50, p99, slowest } = summaryOf([...requests, ...others], 110);
  assert.deepEqual([p50, p99, slowest], [50, 99, 100]);
  assert.ok(Number.isNaN(summaryOf([], 0).p50));
});

test("reasons are counted", () => {
  const requests = [failed(0), failed(1), { ...failed(2), reason: "status 502" as const }];
  assert.deepEqual(summaryOf(requests, 3).reasons, { refused: 2, "status 502": 1 });
});

test("a switch has two turns, a rollback three, and what is mixed has more, and its length", () => {
  const once = { turns: "A2 B3", spans: ["A 0-10", "B 20-40"], mixedMs: 0 };
  assert.deepEqual(turnsOf("AABBB"), once);
  assert.equal(turnsOf("AABBA").turns, "A2 B2 A1");
  const mixed = { turns: "A2 B1 A1 B2", spans: ["A 0-30", "B 20-50"], mixedMs: 10 };
  assert.deepEqual(turnsOf("AABABB"), mixed);
});

/** Of requests every 10 ms that were answered by these releases, a letter each. */
function turnsOf(letters: string) {
  const requests = letters.split("").map((release, n) => answered(10 * n, release));
  const { turns, releases, mixedMs } = summaryOf(requests, 10 * letters.length);
  return {
    turns: turns.map(({ release, answers }) => `${release}${answers}`).join(" "),
    spans: releases.map(({ release, first, last }) => `${release} ${first}-${last}`),
    mixedMs,
  };
}
