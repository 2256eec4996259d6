import assert from "node:assert/strict";
import { readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import {
  attestationOf,
  blobOf,
  blobPath,
  day,
  entryOf,
  indexOf,
  manifestOf,
  type TestBuild,
  writeAged,
  writeStore,
} from "../../test/store/fixture.ts";
import { isFailure } from "../errors.ts";
import { digestOf, hexOf } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import { listStore } from "./list.ts";

const amd64 = manifestOf(["base", "amd64's own"]);
const arm64 = manifestOf(["base", "arm64's"], "arm64");
const attested = indexOf(
  [amd64, arm64, attestationOf(amd64.root.digest, "how it was built")],
  ["amd64", "arm64"],
);

async function storeOf(
  t: TestContext,
  entries: readonly Descriptor[],
  builds: readonly TestBuild[],
) {
  const cache = await temporaryDirectory(t);
  const store = path.join(cache, "store");
  await writeStore(store, entries, builds);
  const list = async () => {
    const env = { XDG_CACHE_HOME: cache };
    const signal = new AbortController().signal;
    return await listStore({ store }, { env, signal, report: () => {} });
  };
  return { cache, store, list };
}

function sizeOf({ blobs }: TestBuild): number {
  const sizes = new Map(blobs.map(({ descriptor }) => [descriptor.digest, descriptor.size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

test("an image has its platforms, its age, and the bytes that it needs alone and with others", async (t) => {
  const single = manifestOf(["base", "another's"]);
  const entries = [
    entryOf(attested, "docker.io/library/app:1"),
    entryOf(single, "docker.io/library/other:1"),
  ];
  const { list } = await storeOf(t, entries, [single, attested]);
  const { images, totals, takenMs } = await list();
  assert.deepEqual(
    images.map(({ label, platforms, state }) => [label, platforms, state]),
    [
      ["app:1", ["linux/amd64", "linux/arm64"], "whole"],
      // No index says it, so the config does.
      ["other:1", ["linux/amd64"], "whole"],
    ],
  );
  const shared = "base".length;
  assert.deepEqual(
    images.map(({ ownBytes, sharedBytes }) => [ownBytes, sharedBytes]),
    [
      [sizeOf(attested) - shared, shared],
      [sizeOf(single) - shared, shared],
    ],
  );
  assert.equal(totals.blobs.bytes, sizeOf(attested) + sizeOf(single) - shared);
  assert.deepEqual(totals.unnamed, { count: 0, bytes: 0 });
  for (const { builtMs = 0 } of images)
    assert.ok(Math.abs(takenMs - builtMs - day) < 60_000, `${takenMs - builtMs}`);
});

test("names twice, names of one image, and entries without a name are all shown", async (t) => {
  const entries = [
    entryOf(amd64, "docker.io/library/app:1"),
    entryOf(arm64, "docker.io/library/app:1"),
    entryOf(arm64, "docker.io/library/same:1"),
    entryOf(amd64, undefined, "latest"),
    amd64.root,
  ];
  const { list } = await storeOf(t, entries, [amd64, arm64]);
  const { images } = await list();
  assert.deepEqual(
    images.map(({ label }) => label).toSorted(),
    [`@${hexOf(amd64.root.digest).slice(0, 12)}`, ":latest", "app:1", "app:1", "same:1"].toSorted(),
  );
  assert.ok(images.every(({ ownBytes, state }) => ownBytes === 0 && state === "whole"));
});

test("nested indexes are followed, and what is no image has no platform", async (t) => {
  const nested = indexOf([indexOf([indexOf([amd64], ["amd64"])])]);
  const statement = attestationOf(amd64.root.digest, "a signature, say");
  const { annotations: _none, platform: _nowhere, ...plain } = statement.root;
  const chart = blobOf("application/vnd.example.chart", "a chart");
  const entries = [
    entryOf(nested, "docker.io/library/nested:1"),
    entryOf({ ...statement, root: plain }, "docker.io/library/signature:1"),
    entryOf({ root: chart.descriptor, blobs: [] }, "docker.io/library/chart:1"),
  ];
  const { list } = await storeOf(t, entries, [
    nested,
    statement,
    { root: chart.descriptor, blobs: [chart] },
  ]);
  const { images } = await list();
  const found = images.map(
    ({ label, platforms, state }) => `${label} ${platforms.join()} ${state}`,
  );
  assert.deepEqual(found.toSorted(), [
    "chart:1  whole",
    "nested:1 linux/amd64 whole",
    "signature:1 unknown/unknown whole",
  ]);
});

test("what is missing or damaged is said, and hides nothing else", async (t) => {
  const gone = manifestOf(["gone"]);
  const entries = [
    entryOf(attested, "docker.io/library/half:1"),
    entryOf(gone, "docker.io/library/gone:1"),
    entryOf(manifestOf(["whole"]), "docker.io/library/whole:1"),
  ];
  const { store, list } = await storeOf(t, entries, [attested, gone, manifestOf(["whole"])]);
  await rm(blobPath(store, digestOf("arm64's")));
  await writeFile(blobPath(store, gone.root.digest), Buffer.alloc(gone.root.size, " "));
  const { images } = await list();
  const problems = new Map(
    images.map(({ label, state, problems: found }) => [
      label,
      [state, ...found.map(({ problem }) => problem)],
    ]),
  );
  assert.deepEqual(problems.get("half:1"), ["partial", "it is missing"]);
  assert.deepEqual(problems.get("whole:1"), ["whole"]);
  const [state, problem] = problems.get("gone:1") ?? [];
  assert.equal(state, "broken");
  assert.match(problem ?? "", /^its bytes are sha256:/);
});

test("totals tell what no name leads to, what interrupted builds left, and facts of layers", async (t) => {
  const { cache, store, list } = await storeOf(t, [entryOf(amd64, "a/b:1")], [amd64, arm64]);
  await writeAged(path.join(store, "ingest", "0123", "data"), "half a layer", day);
  await writeAged(path.join(cache, "transship", "facts", `${"0".repeat(64)}.json`), "facts", day);
  const { totals } = await list();
  const loose = sizeOf(arm64) - "base".length;
  assert.deepEqual(totals, {
    blobs: { count: 7, bytes: sizeOf(amd64) + loose },
    unnamed: { count: 3, bytes: loose },
    leftovers: { count: 1, bytes: "half a layer".length },
    facts: { count: 1, bytes: "facts".length },
  });
});

test("the index that the engine was given without attestations belongs to the name", async (t) => {
  const plain = indexOf([amd64, arm64], ["amd64", "arm64"]);
  const old = indexOf([manifestOf(["older"])], ["amd64"]);
  const { list } = await storeOf(t, [entryOf(attested, "a/b:1")], [attested, plain, old]);
  const { images, totals } = await list();
  assert.equal(images[0]?.ownBytes, sizeOf(attested) + plain.root.size);
  assert.deepEqual(totals.unnamed, { count: old.blobs.length, bytes: sizeOf(old) });
});

test("a store that is not there is empty, and is not made", async (t) => {
  const directory = await temporaryDirectory(t);
  const options = { env: { XDG_CACHE_HOME: directory }, report: () => {} };
  const listing = await listStore({}, { ...options, signal: new AbortController().signal });
  assert.equal(listing.store, path.join(directory, "transship", "store"));
  assert.deepEqual([listing.images, listing.totals.blobs.count], [[], 0]);
  assert.deepEqual(await readdir(directory), []);
});

test("a list of names that cannot be read, and a directory of something else, are told", async (t) => {
  const { store, list } = await storeOf(t, [], []);
  await writeFile(path.join(store, "index.json"), "{");
  await assert.rejects(list(), (error) => isFailure(error, "STORE_INDEX_DAMAGED"));
  await rm(path.join(store, "oci-layout"));
  await assert.rejects(list(), (error) => isFailure(error, "STORE_LAYOUT_UNKNOWN"));
});
