import assert from "node:assert/strict";
import { test } from "node:test";
import { median, ofPairs, pairedRuns, timed } from "./measure.ts";

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
