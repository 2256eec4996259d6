import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf, shortDigest } from "../oci/digest.ts";
import type { StoredImage, StoreListing } from "../store/list.ts";
import type { PruneResult } from "../store/prune.ts";
import { listingDocument, listingText, pruneText } from "./store.ts";
import { plain } from "./style.ts";

const takenMs = Date.parse("2026-01-10T00:00:00Z");
const none = { count: 0, bytes: 0 };

const hex = (text: string) => shortDigest(digestOf(text));

const app: StoredImage = {
  label: "app:1",
  name: "docker.io/library/app:1",
  tag: "1",
  digest: digestOf("app"),
  mediaType: "application/vnd.oci.image.index.v1+json",
  platforms: ["linux/amd64", "linux/arm64"],
  state: "partial",
  problems: [{ digest: digestOf("a layer"), problem: "it is missing" }],
  ownBytes: 40_600_000,
  sharedBytes: 640,
  builtMs: takenMs - 3 * 3_600_000,
};

const unnamed: StoredImage = {
  label: ":latest",
  tag: "latest",
  digest: digestOf("unnamed"),
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  platforms: [],
  state: "broken",
  problems: Array.from({ length: 5 }, (_, n) => ({ digest: digestOf(`${n}`), problem: "gone" })),
  ownBytes: 0,
  sharedBytes: 0,
};

const listing: StoreListing = {
  store: "/store",
  takenMs,
  images: [app, unnamed],
  totals: {
    blobs: { count: 12, bytes: 41_000_000 },
    unnamed: { count: 1, bytes: 12_340 },
    leftovers: { count: 2, bytes: 10 },
    facts: { count: 3, bytes: 1_000_000 },
  },
};

test("a list has a line for each name, what is wrong below it, and the whole at its end", () => {
  assert.deepEqual(listingText(listing, plain).split("\n"), [
    "NAME     PLATFORMS                 DIGEST          ALONE  SHARED  AGE",
    `app:1    linux/amd64, linux/arm64  ${hex("app")}  40.6 MB   640 B  3 h`,
    `  ! ${hex("a layer")}: it is missing`,
    "    → build it again",
    `:latest  -                         ${hex("unnamed")}      0 B     0 B    -`,
    ...["0", "1", "2"].map((text) => `  ✗ ${hex(text)}: gone`),
    "  ✗ and 2 more",
    "    → build it again",
    "/store: 2 names, 12 blobs (41.0 MB); beside it facts of 3 layers (1.0 MB).",
    "No name leads to 1 blob (12.3 kB) and 2 leftovers (10 B). To remove them: transship store prune",
  ]);
  const empty = { ...listing, images: [], totals: { ...listing.totals, blobs: none } };
  assert.equal(listingText(empty, plain), "The store /store is empty.");
});

test("in JSON what is not known is null", () => {
  const { images, totals } = listingDocument(listing);
  assert.ok(Array.isArray(images));
  const words: unknown = JSON.parse(JSON.stringify(images));
  assert.ok(Array.isArray(words));
  assert.partialDeepStrictEqual(words, [
    { name: "docker.io/library/app:1", tag: "1", lastBuilt: "2026-01-09T21:00:00.000Z" },
    { name: null, tag: "latest", lastBuilt: null, state: "broken" },
  ]);
  assert.partialDeepStrictEqual(totals, { names: 2, unnamedBlobs: 1, facts: 3 });
});

const result: PruneResult = {
  store: "/store",
  outcome: "pruned",
  steps: [],
  names: [{ name: "app:1", digest: digestOf("app"), reason: "old", bytes: 1_200 }],
  blobs: { count: 2, bytes: 1_300 },
  leftovers: none,
  facts: { count: 1, bytes: 10 },
  spared: { count: 1, bytes: 5 },
  isBeingWritten: false,
  left: { names: 1, blobs: 4, bytes: 5_000 },
};

test("a prune says which names went and why, how much in all, what stays though unneeded, and what is left", () => {
  const [first, ...rest] = pruneText(result, plain).split("\n");
  assert.match(first ?? "", /^app:1 {2}[0-9a-f]{12} {2}1\.2 kB {2}no build wrote or found it/);
  assert.deepEqual(rest, [
    "Removed 1 name, 2 blobs (1.3 kB), facts of 1 layer (10 B).",
    "Without a name, and younger than 10 minutes: 1 blob (5 B). A docker buildx build may be writing them; they stay.",
    "/store: 1 name, 4 blobs (5.0 kB).",
  ]);
});

test("a prune that had nothing to remove, or only said what it would, says so", () => {
  const nothing = { ...result, names: [], blobs: none, facts: none, spared: none };
  assert.match(pruneText(nothing, plain), /^There is nothing to remove\.\n\/store: /);
  const planned = pruneText({ ...result, outcome: "planned", isBeingWritten: true }, plain);
  assert.match(planned, /\nWould remove 1 name, /);
  assert.match(
    planned,
    /\nA docker buildx build is writing into the store; without a name, and not removed: 1 blob \(5 B\)\./,
  );
  assert.match(planned, /4 blobs \(5\.0 kB\) would be left\.$/);
});
