import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { gnuTime, median, ofPairs, pairedRuns, peakMemory, runs, timed } from "./measure.ts";

const { signal } = new AbortController();

test("the median of an odd number of values is the one in the middle", () => {
  assert.equal(median([9, 1, 5]), 5);
});

test("the median of an even number of values lies between the two in the middle", () => {
  assert.equal(median([4, 1, 100, 2]), 3);
});

test("the median of nothing is no number", () => {
  assert.equal(median([]), Number.NaN);
});

test("a pair's two times are combined with each other, not with another pair's", () => {
  const ratios = ofPairs({ ours: [1, 8], theirs: [2, 4] }, (mine, other) => mine / other);
  assert.deepEqual(ratios, [0.5, 2]);
});

test("two commands run in turn, and the runs that warm up do not count", async () => {
  const order: string[] = [];
  const run = (name: string) => ({
    argv: [process.execPath, "--eval", "0"],
    before: async () => {
      order.push(name);
      await Promise.resolve();
    },
  });
  const { ours, theirs } = await pairedRuns(run("A"), run("B"), { rounds: 2, warmUps: 1, signal });
  assert.deepEqual(order, ["A", "B", "A", "B", "A", "B"]);
  assert.deepEqual([ours.length, theirs.length], [2, 2]);
});

test("a command that fails is no measurement; its last words are told", async () => {
  const argv = [process.execPath, "--eval", "process.stderr.write('out of luck'); process.exit(3)"];
  await assert.rejects(timed({ argv }, signal), /ended with 3:\nout of luck/);
});

test("what a run gives is what the measure says", async () => {
  const run = { argv: [process.execPath, "--eval", "0"] };
  const given = await runs(run, {
    rounds: 2,
    measure: async () => await Promise.resolve(7),
    signal,
  });
  assert.deepEqual(given, [7, 7]);
});

const withoutTime = existsSync(gnuTime) ? false : `there is no ${gnuTime}`;

test(
  "peak memory counts what a process had, though it has it no more",
  { skip: withoutTime },
  async () => {
    const bytes = 300_000_000;
    const argv = [process.execPath, "--eval", `Buffer.alloc(${bytes}, 1)`];
    const peak = await peakMemory({ argv }, signal);
    assert.ok(peak > bytes && peak < 2 * bytes, String(peak));
  },
);

test("peak memory does not count the process that measures", { skip: withoutTime }, async () => {
  const own = Buffer.alloc(100_000_000, 1);
  const peak = await peakMemory({ argv: ["true"] }, signal);
  assert.ok(peak < own.byteLength, String(peak));
});
