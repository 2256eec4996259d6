import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import { writeStore } from "../../test/store/fixture.ts";
import { isFailure } from "../errors.ts";
import { lockForReading } from "./reading.ts";
import { openStore } from "./store.ts";

const options = { purpose: "a test", signal: new AbortController().signal };

test("whoever reads a store keeps a prune out until it is done", async (t) => {
  const store = await openStore(await temporaryDirectory(t));
  await (await store.lock("shared", { purpose: "a build" })).release();
  const reading = await lockForReading(store.directory, options);
  const prune = { purpose: "a prune", deadlineMs: 0 };
  await assert.rejects(store.lock("exclusive", prune), (error) => isFailure(error, "STORE_LOCKED"));
  await reading.release();
  await (await store.lock("exclusive", prune)).release();
});

test("whoever has to wait is told for whom, once", async (t) => {
  const store = await openStore(await temporaryDirectory(t));
  const prune = await store.lock("exclusive", { purpose: "a prune" });
  const told: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const waiting = (owner: string) => {
    told.push(owner);
    resolve();
  };
  const reading = lockForReading(store.directory, { ...options, waiting });
  await promise;
  await prune.release();
  await (await reading).release();
  assert.deepEqual(told, [`a prune (process ${process.pid})`]);
});

test("in a layout of another tool nothing is written", async (t) => {
  const directory = await temporaryDirectory(t);
  await writeStore(directory, [], []);
  const before = await readdir(directory);
  await (await lockForReading(directory, options)).release();
  assert.deepEqual(await readdir(directory), before);
});
