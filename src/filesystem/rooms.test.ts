import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { rooms } from "./rooms.ts";

const large = 9 * 2 ** 20;

test("of large rooms there is one at a time, and whoever wants one waits as long as the other is being filled", async () => {
  const place = rooms();
  const room = place.take(large);
  assert.ok(room);
  assert.equal(place.take(large), undefined);
  let isVacant = false;
  const vacant = place.vacant().then(() => {
    isVacant = true;
    return undefined;
  });
  for (let times = 0; times < 15; times++) {
    await setTimeout(100);
    place.fill(room);
  }
  assert.equal(isVacant, false);
  place.giveBack(room);
  await vacant;
  assert.ok(place.take(large));
});

test("who does not fill a room any more is waited for no longer than a second", async () => {
  const place = rooms();
  const room = place.take(large);
  assert.ok(room);
  const began = performance.now();
  await place.vacant();
  assert.ok(performance.now() - began > 900);
  const other = place.take(large);
  assert.ok(other);
  // The first one comes back late, and takes nothing from the other.
  place.giveBack(room);
  assert.equal(place.take(large), undefined);
  place.giveBack(other);
  assert.ok(place.take(large));
});

test("small rooms are as many as there are files, and are used again", () => {
  const place = rooms();
  place.enter();
  const [one, two] = [place.take(10), place.take(2 ** 21)];
  assert.ok(one && two && one !== two);
  place.giveBack(one);
  assert.equal(place.take(10), one);
  place.giveBack(one);
  place.giveBack(two);
  place.leave();
  assert.equal(one.length, 0);
});
