import assert from "node:assert/strict";
import { test } from "node:test";
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

test("on a long wire several go at once", async () => {
  const turns = new Turns();
  turns.fitTo(90);
  const [low, middle, high] = [turns.enter(0), turns.enter(1), turns.enter(2)];
  await Promise.all([low.ready(), middle.ready()]);
  let isHigh = false;
  const waiting = high.ready().then(() => (isHigh = true));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isHigh, false);
  middle.leave();
  assert.equal(await waiting, true);
  low.leave();
  high.leave();
});

test("nobody waits for one that stands still, nor for ever", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const turns = new Turns();
  const [low, high] = [turns.enter(0), turns.enter(1)];
  const pass = async (milliseconds: number) => {
    now += milliseconds;
    t.mock.timers.tick(milliseconds);
    await new Promise((resolve) => setImmediate(resolve));
  };
  void low.send(async () => await new Promise<void>(() => {}));
  const stuck = high.ready();
  await pass(2_000);
  await stuck;
  low.leave();
  // Between two pieces all the time: it goes on, and the other gets a piece through now and then all the same.
  const [busy, patient] = [turns.enter(0), turns.enter(1)];
  const waiting = patient.ready();
  for (let passed = 0; passed <= 60_000; passed += 2_000) await pass(2_000);
  await waiting;
  busy.leave();
  patient.leave();
});

test("those of the same rank, and who is alone, wait for nobody", async () => {
  const turns = new Turns();
  const [one, other] = [turns.enter(3), turns.enter(3)];
  await Promise.all([one.ready(), other.ready()]);
  one.leave();
  await other.ready();
  other.leave();
});
