import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { benchOf } from "../../test/store/bench.ts";
import { entryOf, manifestOf } from "../../test/store/fixture.ts";
import { fail, isFailure } from "../errors.ts";
import { openLayout } from "./layout.ts";
import { openStore } from "./store.ts";

const app = manifestOf(["base", "app"]);
const other = manifestOf(["base", "other"]);

test("it waits for builds, and says for whom", async (t) => {
  const { store, prune, events, present } = await benchOf(t, [], [app]);
  const held = await (await openStore(store)).lock("shared", { purpose: "transship build" });
  const interruption = new AbortController();
  const interrupted = prune({}, interruption.signal);
  while (events.length === 0) await setImmediate();
  const [event] = events;
  assert.match(
    event?.kind === "note" ? event.text : "",
    /^Waiting until transship build \(process \d+\) is done/,
  );
  interruption.abort(fail("INTERRUPTED", { signal: "SIGINT" }));
  await assert.rejects(interrupted, (error) => isFailure(error, "INTERRUPTED"));
  assert.equal(await present(app), 4);
  const waiting = prune();
  await held.release();
  assert.equal((await waiting).blobs.count, 4);
});

test("interrupted between names and blobs, it leaves no name without its blobs, and the next one ends it", async (t) => {
  const entries = [entryOf(app, "a/app:1"), entryOf(other, "a/other:1")];
  const interruption = new AbortController();
  const { store, prune, names, present } = await benchOf(t, entries, [app, other], {
    onEvent(event) {
      if (event.kind === "step" && event.title.startsWith("Remove"))
        interruption.abort(fail("INTERRUPTED", { signal: "SIGINT" }));
    },
  });
  const interrupted = prune({ patterns: ["a/app"] }, interruption.signal);
  await assert.rejects(interrupted, (error) => isFailure(error, "INTERRUPTED"));
  assert.deepEqual([await names(), await present(app)], [["a/other:1"], 4]);
  assert.deepEqual(await readdir(path.join(store, ".lock")), []);
  assert.equal((await prune()).blobs.count, 3);
});

test("killed while blobs go, it leaves what other names need and whole documents, and the next one ends it", async (t) => {
  const many = Array.from({ length: 30 }, (_, n) =>
    manifestOf(Array.from({ length: 10 }, (_layer, m) => `layer ${m} of ${n}`)),
  );
  const entries = [
    ...many.map((build, n) => entryOf(build, `docker.io/library/many:${n}`)),
    entryOf(app, "docker.io/library/app:1"),
  ];
  const { store, prune, names, list } = await benchOf(t, entries, [...many, app]);
  const blobs = path.join(store, "blobs", "sha256");
  const all = (await readdir(blobs)).length;
  const child = spawn(process.execPath, [pruner, store, "many"], { stdio: "inherit" });
  const ended = once(child, "exit");
  while ((await readdir(blobs)).length === all && child.exitCode === null) await setImmediate();
  child.kill("SIGKILL");
  await ended;
  assert.deepEqual(await names(), ["app:1"]);
  assert.deepEqual(
    (await list()).images.map(({ state }) => state),
    ["whole"],
  );
  const layout = await openLayout(store);
  for (const { root, blobs: parts } of many) {
    if (!(await layout.has(root.digest))) continue;
    for (const { descriptor } of parts) assert.ok(await layout.has(descriptor.digest));
  }
  assert.equal((await prune()).left.blobs, app.blobs.length);
});

const pruner = fileURLToPath(new URL("../../test/store/pruner.ts", import.meta.url));
const builder = fileURLToPath(new URL("../../test/store/builder.ts", import.meta.url));

async function building(directory: string, prefix: string, count: number, mode: string) {
  const args = [builder, directory, prefix, String(count), mode];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  await once(child, "exit");
  assert.equal(child.exitCode, 0);
}

/** Prunes again and again until the work is done. */
async function pruneWhile(work: Promise<unknown>, prune: () => Promise<unknown>): Promise<void> {
  const state = { isDone: false };
  const ended = work.finally(() => {
    state.isDone = true;
  });
  while (!state.isDone) {
    await prune();
    await setImmediate();
  }
  await ended;
}

test("builds that write while everything is pruned find their images whole", async (t) => {
  const { store, prune } = await benchOf(t, [], []);
  const work = Promise.all([
    building(store, "one", 8, "locked"),
    building(store, "two", 8, "locked"),
  ]);
  await pruneWhile(work, async () => await prune({ maxBytes: 0 }));
  assert.equal((await prune({ maxBytes: 0 })).left.names, 0);
});

test("builds of plain docker buildx that write while it is pruned lose nothing", async (t) => {
  const { store, prune, names, list } = await benchOf(t, [], [other]);
  const work = Promise.all([
    building(store, "one", 8, "plain"),
    building(store, "two", 8, "plain"),
  ]);
  await pruneWhile(work, async () => await prune({}));
  assert.deepEqual((await names()).toSorted(), ["one:0", "one:1", "two:0", "two:1"]);
  const { images } = await list();
  assert.deepEqual(
    images.map(({ state }) => state),
    ["whole", "whole", "whole", "whole"],
  );
  assert.match(await readFile(path.join(store, "oci-layout"), "utf8"), /1\.0\.0/);
});
