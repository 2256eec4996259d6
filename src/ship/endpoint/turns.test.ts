import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Turns } from "./turns.ts";

test("the lowest goes first, and the next when it has left", async () => {
  const turns = new Turns();
  const [low, high] = [turns.enter(0), turns.enter(1)];
  const order: string[] = [];
  await low.ready();
  const waiting = high.ready().then(() => order.push("high"));
  await low.send(async () => void order.push("low"));
  low.leave();
  await waiting;
  high.leave();
  assert.deepEqual(order, ["low", "high"]);
});

test("who is behind one whose piece is long on its way goes beside it", async () => {
  const turns = new Turns();
  const [low, high] = [turns.enter(0), turns.enter(1)];
  let isThrough = false;
  void low.send(async () => await sleep(5_000, undefined, { ref: false }));
  await high.ready().then(() => (isThrough = true));
  assert.ok(isThrough);
  low.leave();
  high.leave();
});

test("those of the same rank, and who is alone, wait for nobody", async () => {
  const turns = new Turns();
  const [one, other] = [turns.enter(3), turns.enter(3)];
  await Promise.all([one.ready(), other.ready()]);
  one.leave();
  await other.ready();
  other.leave();
});
