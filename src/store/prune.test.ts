import assert from "node:assert/strict";
import { readdir, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import { benchOf } from "../../test/store/bench.ts";
import {
  attestationOf,
  blobPath,
  day,
  entryOf,
  indexOf,
  manifestOf,
  type TestBuild,
  writeAged,
  writeStore,
} from "../../test/store/fixture.ts";
import { createContext } from "../context.ts";
import { isFailure } from "../errors.ts";
import { digestOf, hexOf } from "../oci/digest.ts";
import { type PruneOptions, pruneStore } from "./prune.ts";

const app = manifestOf(["base", "app"]);
const other = manifestOf(["base", "other"]);
const minute = 60_000;
const size = ({ blobs }: TestBuild) =>
  blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0);

test("what no name leads to goes, and nothing else", async (t) => {
  const { prune, names, present } = await benchOf(t, [entryOf(app, "a/app:1")], [app, other]);
  const result = await prune();
  assert.equal(result.outcome, "pruned");
  assert.deepEqual(result.names, []);
  // The base is the app's too.
  assert.equal(result.blobs.count, 3);
  assert.deepEqual([await present(app), await present(other)], [4, 1]);
  assert.deepEqual(await names(), ["a/app:1"]);
  assert.deepEqual([result.left.names, result.left.blobs], [1, 4]);
  assert.equal((await prune()).outcome, "unchanged");
});

test("with --dry-run the same is told, and nothing is changed", async (t) => {
  const entries = [entryOf(app, "a/app:1"), entryOf(other, "a/other:1")];
  const { store, prune, present, names, events } = await benchOf(t, entries, [app, other]);
  const planned = await prune({ dryRun: true, patterns: ["a/other"] });
  assert.equal(planned.outcome, "planned");
  assert.deepEqual([await present(app), await present(other)], [4, 4]);
  assert.deepEqual(await names(), ["a/app:1", "a/other:1"]);
  // Not even a lock.
  assert.ok(!(await readdir(store)).includes(".lock"));
  assert.deepEqual(
    events.flatMap((event) => (event.kind === "step" ? [event.title.replace(/ \(.*/, "")] : [])),
    ["Take away 1 name", "Remove 3 blobs"],
  );
  const { outcome, steps, ...rest } = await prune({ patterns: ["a/other"] });
  assert.equal(outcome, "pruned");
  assert.equal(steps.length, 2);
  assert.deepEqual({ ...rest, outcome: "planned", steps: [] }, planned);
});

test("names go by age, by pattern, by both, and for room, the oldest first", async (t) => {
  const builds = ["one", "two", "three"].map((text) => manifestOf([text]));
  const [one, two, three] = builds;
  assert.ok(one && two && three);
  const pruned = async (options: PruneOptions) => {
    const entries = builds.map((build, n) => entryOf(build, `a/app:${n + 1}`));
    const { store, prune, names, list } = await benchOf(t, entries, []);
    for (const [n, build] of builds.entries())
      await writeStore(store, entries, [build], (3 - n) * 10 * day);
    await prune(options);
    const left = await names();
    const { images } = await list();
    assert.deepEqual(
      images.map(({ state }) => state),
      left.map(() => "whole"),
    );
    return left;
  };
  assert.deepEqual(await pruned({ olderThanMs: 15 * day }), ["a/app:3"]);
  assert.deepEqual(await pruned({ patterns: ["a/app:2"] }), ["a/app:1", "a/app:3"]);
  assert.deepEqual(await pruned({ patterns: ["a/app:[23]", "a/app:2"], olderThanMs: 15 * day }), [
    "a/app:1",
    "a/app:3",
  ]);
  assert.deepEqual(await pruned({ maxBytes: size(two) + size(three) }), ["a/app:2", "a/app:3"]);
  assert.deepEqual(await pruned({ maxBytes: size(two) + size(three) - 1 }), ["a/app:3"]);
  assert.deepEqual(await pruned({ maxBytes: 0, patterns: ["**:1", "**:3"] }), ["a/app:2"]);
  assert.deepEqual(await pruned({ maxBytes: 10 ** 9 }), ["a/app:1", "a/app:2", "a/app:3"]);
  assert.deepEqual(await pruned({ maxBytes: 0, keep: [one.root.digest] }), ["a/app:1"]);
});

test("a name of which no platform is whole goes, one that still serves stays", async (t) => {
  const half = indexOf([app, manifestOf(["arm64's"], "arm64")], ["amd64", "arm64"]);
  const gone = manifestOf(["gone"]);
  const entries = [entryOf(half, "a/half:1"), entryOf(gone, "a/gone:1")];
  const { store, prune, names, present } = await benchOf(t, entries, [half, gone]);
  await rm(blobPath(store, digestOf("arm64's")));
  await rm(blobPath(store, digestOf("gone")));
  const result = await prune();
  assert.deepEqual(
    result.names.map(({ name, reason }) => [name, reason]),
    [["a/gone:1", "broken"]],
  );
  assert.deepEqual(await names(), ["a/half:1"]);
  assert.deepEqual([await present(half), await present(gone)], [half.blobs.length - 1, 0]);
});

test("the index that the engine was given stays with its name, and goes with it", async (t) => {
  const arm64 = manifestOf(["arm64's"], "arm64");
  const attested = indexOf([app, arm64, attestationOf(app.root.digest, "how")], ["amd64", "arm64"]);
  const plain = indexOf([app, arm64], ["amd64", "arm64"]);
  const entries = [entryOf(attested, "a/app:1")];
  const { prune, present } = await benchOf(t, entries, [attested, plain]);
  assert.equal((await prune()).outcome, "unchanged");
  assert.equal(await present(plain), plain.blobs.length);
  await prune({ patterns: ["a/app"] });
  assert.deepEqual([await present(plain), await present(attested)], [0, 0]);
});

test("what must be kept stays without a name, with all that it leads to", async (t) => {
  const { prune, present } = await benchOf(t, [], [app, other]);
  await prune({ keep: [app.root.digest, digestOf("what no store has")] });
  assert.deepEqual([await present(app), await present(other)], [4, 1]);
});

test("what a docker buildx build may be writing stays, with the old layers that it counts on", async (t) => {
  const { store, prune, present } = await benchOf(t, [], [app, other]);
  const [manifest] = app.blobs.slice(-1);
  assert.ok(manifest);
  // Of an image that is half there the manifest is new, and the rest was there.
  await writeAged(blobPath(store, manifest.descriptor.digest), manifest.bytes, 5 * minute);
  const result = await prune();
  assert.deepEqual([await present(app), await present(other)], [4, 1]);
  assert.equal(result.spared.count, 4);
  await writeAged(blobPath(store, manifest.descriptor.digest), manifest.bytes, 11 * minute);
  await prune();
  assert.equal(await present(app), 0);
});

test("what an own build wrote a moment ago goes with its name at once", async (t) => {
  const { prune, present } = await benchOf(t, [entryOf(app, "a/app:1")], [app], { ageMs: 0 });
  const result = await prune({ patterns: ["a/app"] });
  assert.deepEqual([result.blobs.count, result.spared.count, await present(app)], [4, 0, 0]);
});

test("while a docker buildx build transfers a blob, none goes, and no name for room", async (t) => {
  const { store, prune, names, present } = await benchOf(
    t,
    [entryOf(app, "a/app:1")],
    [app, other],
  );
  const data = path.join(store, "ingest", "0123", "data");
  await writeAged(data, "half a layer", 0);
  const result = await prune({ maxBytes: 0 });
  assert.deepEqual([result.isBeingWritten, result.outcome], [true, "unchanged"]);
  assert.deepEqual([await present(other), await names()], [4, ["a/app:1"]]);
  await rm(path.dirname(data), { recursive: true });
  assert.equal((await prune({ maxBytes: 0 })).left.blobs, 0);
});

test("what interrupted builds left goes when it is old enough, and nothing of others", async (t) => {
  const { store, prune } = await benchOf(t, [], []);
  const hex = hexOf(digestOf("a layer"));
  for (const age of [5 * minute, 11 * minute]) {
    const ingest = path.join(store, "ingest", String(age));
    await writeAged(path.join(ingest, "data"), "half a layer", age);
    const time = new Date(Date.now() - age);
    await utimes(ingest, time, time);
    await writeAged(path.join(store, ".incoming", `${hex}.1.${age}`), "half a layer", age);
    await writeAged(path.join(store, `index.json.${age}`), "{}", age);
  }
  await writeAged(path.join(store, "index.json.lock"), "", day);
  await writeAged(path.join(store, "oci-layout.0123abcd"), "", day);
  await writeAged(path.join(store, "index.json.mine"), "", day);
  await writeAged(path.join(store, "blobs", "sha256", "notes.txt"), "", day);
  await writeAged(path.join(store, "blobs", "sha512", "0".repeat(128)), "", day);
  const result = await prune();
  assert.equal(result.leftovers.count, 5);
  const left = (await readdir(store, { recursive: true })).filter(
    (name) => !name.startsWith(".lock"),
  );
  assert.deepEqual(left.toSorted(), [
    ".incoming",
    `.incoming/${hex}.1.${5 * minute}`,
    "blobs",
    "blobs/sha256",
    "blobs/sha256/notes.txt",
    "blobs/sha512",
    `blobs/sha512/${"0".repeat(128)}`,
    "index.json",
    `index.json.${5 * minute}`,
    "index.json.mine",
    "ingest",
    `ingest/${5 * minute}`,
    `ingest/${5 * minute}/data`,
    "oci-layout",
  ]);
});

test("facts of layers go with the layers, and those of layers that are nowhere after 30 days", async (t) => {
  const { facts, prune } = await benchOf(t, [entryOf(app, "a/app:1")], [app, other]);
  const kept = (layer: string) => path.join(facts, `${hexOf(digestOf(layer))}.json`);
  for (const layer of ["base", "app", "other"]) await writeAged(kept(layer), layer, 60 * day);
  await writeAged(kept("read at a registry"), "facts", 29 * day);
  await writeAged(kept("read there long ago"), "facts", 31 * day);
  const result = await prune();
  assert.equal(result.facts.count, 2);
  const left = await readdir(facts);
  const expected = ["base", "app", "read at a registry"].map((layer) => path.basename(kept(layer)));
  assert.deepEqual(left.toSorted(), expected.toSorted());
});

test("facts of layers that the machine's own store has stay when another store is pruned", async (t) => {
  const own = await benchOf(t, [entryOf(app, "a/app:1")], [app]);
  const elsewhere = path.join(await temporaryDirectory(t), "store");
  await writeStore(elsewhere, [], [app]);
  const file = path.join(own.facts, `${hexOf(digestOf("app"))}.json`);
  await writeAged(file, "facts", 60 * day);
  const result = await own.prune({ store: elsewhere });
  assert.deepEqual([result.blobs.count, result.facts.count], [4, 0]);
});

test("a store that is not there is left alone", async (t) => {
  const directory = await temporaryDirectory(t);
  const context = createContext({ env: { XDG_CACHE_HOME: directory } });
  assert.equal((await pruneStore({}, context)).outcome, "unchanged");
  assert.deepEqual(await readdir(directory), []);
});

test("a list of names that cannot be read stops it before anything goes", async (t) => {
  const { store, prune, present } = await benchOf(t, [], [app]);
  await writeFile(path.join(store, "index.json"), "{");
  await assert.rejects(prune(), (error) => isFailure(error, "STORE_INDEX_DAMAGED"));
  assert.equal(await present(app), 4);
});
