/** Random stores, and what must hold of every prune of them. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import {
  attestationOf,
  blobPath,
  day,
  entryOf,
  indexOf,
  manifestOf,
  type TestBuild,
  writeStore,
} from "../../test/store/fixture.ts";
import { createContext } from "../context.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { type Inventory, takeInventory } from "./inventory.ts";
import { openLayout } from "./layout.ts";
import { graceMs, planPrune, type PruneRules } from "./plan.ts";
import { pruneStore } from "./prune.ts";

const layers = fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 3 });

/** An image as it is drawn; what it is made of follows, so that a counterexample can be read. */
const drawnBuild = fc.record({
  kind: fc.constantFrom("manifest", "index", "nested"),
  images: fc.array(fc.record({ layers, architecture: fc.constantFrom("amd64", "arm64") }), {
    minLength: 1,
    maxLength: 2,
  }),
  /** Of each image's attestation, where there is one. */
  statement: fc.constantFrom(undefined, "x", "y"),
  /** `undefined`: no entry; `""`: an entry without a name. */
  name: fc.constantFrom(undefined, "", "one", "two", "three"),
  ageMs: fc.constantFrom(0, graceMs / 2, 2 * graceMs, day, 40 * day),
});

type DrawnBuild = typeof drawnBuild extends fc.Arbitrary<infer T> ? T : never;

const drawnStore = fc.record({
  builds: fc.array(drawnBuild, { minLength: 1, maxLength: 6 }),
  /** Which blobs are missing. */
  missing: fc.array(fc.nat(30), { maxLength: 2 }),
});

type DrawnStore = typeof drawnStore extends fc.Arbitrary<infer T> ? T : never;

function buildOf({ kind, images, statement }: DrawnBuild): TestBuild {
  const manifests = images.map((image) => manifestOf(image.layers, image.architecture));
  const [first = manifestOf([])] = manifests;
  if (kind === "manifest") return first;
  const attestations =
    statement === undefined
      ? []
      : manifests.map(({ root }) => attestationOf(root.digest, statement));
  const index = indexOf([...manifests, ...attestations]);
  return kind === "index" ? index : indexOf([index, first]);
}

const rules = fc
  .record({
    olderThanMs: fc.option(fc.constantFrom(0, 30 * day), { nil: undefined }),
    maxBytes: fc.option(fc.nat(3000), { nil: undefined }),
    patterns: fc.option(fc.constant(["one", "t*"]), { nil: undefined }),
    keep: fc.option(fc.nat(5), { nil: undefined }),
  })
  .map(({ keep, ...asked }) => ({ asked: withoutUndefined(asked), keep }));

function withoutUndefined(asked: {
  readonly olderThanMs: number | undefined;
  readonly maxBytes: number | undefined;
  readonly patterns: readonly string[] | undefined;
}): PruneRules {
  const { olderThanMs, maxBytes, patterns } = asked;
  return {
    ...(olderThanMs === undefined ? {} : { olderThanMs }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(patterns === undefined ? {} : { patterns }),
  };
}

/** What each blob leads to, read by nothing of ours: every digest in the text of an index or a manifest. */
function reachable(roots: Iterable<Digest>, texts: ReadonlyMap<Digest, string>): Set<Digest> {
  const found = new Set(roots);
  for (const digest of found) {
    const document = isDocument(digest, texts) ? texts.get(digest) : undefined;
    for (const [text] of (document ?? "").matchAll(/sha256:[0-9a-f]{64}/g))
      if (isDigest(text)) found.add(text);
  }
  return found;
}

function isDocument(digest: Digest, texts: ReadonlyMap<Digest, string>): boolean {
  return /"(?:layers|manifests)":\[/.test(texts.get(digest) ?? "");
}

interface World {
  readonly directory: string;
  readonly texts: ReadonlyMap<Digest, string>;
  readonly before: ReadonlyMap<Digest, { readonly ageMs: number }>;
}

async function makeWorld(directory: string, { builds, missing }: DrawnStore): Promise<World> {
  const made = builds.map((drawn) => ({ drawn, build: buildOf(drawn) }));
  const entries = made.flatMap(({ drawn: { name }, build }) => {
    if (name === undefined) return [];
    return [name === "" ? build.root : entryOf(build, `docker.io/library/${name}:1`)];
  });
  const [texts, before] = [new Map<Digest, string>(), new Map<Digest, { ageMs: number }>()];
  for (const { drawn, build } of made) {
    await writeStore(directory, entries, [build], drawn.ageMs);
    for (const { descriptor, bytes } of build.blobs) {
      texts.set(descriptor.digest, Buffer.from(bytes).toString());
      before.set(descriptor.digest, { ageMs: drawn.ageMs });
    }
  }
  for (const n of missing) {
    const digest = [...before.keys()][n];
    if (digest === undefined) continue;
    before.delete(digest);
    texts.delete(digest);
    await rm(blobPath(directory, digest));
  }
  return { directory, texts, before };
}

/** However far a prune got: what names lead to is there, and so is what each document that is still there leads to. */
function assertConsistent(left: ReadonlySet<Digest>, named: readonly Digest[], world: World): void {
  const { texts, before } = world;
  const documents = [...left].filter((digest) => isDocument(digest, texts));
  for (const digest of reachable([...named, ...documents], texts))
    assert.ok(left.has(digest) || !before.has(digest), `${digest} has gone too early`);
}

function checkEveryStep(inventory: Inventory, asked: PruneRules, world: World): void {
  const { names, blobs } = planPrune(inventory, [], asked);
  const going = new Set(names.map(({ entry }) => entry));
  const staying = inventory.entries.filter((entry) => !going.has(entry));
  const named = staying.map(({ descriptor }) => descriptor.digest);
  const left = new Set(inventory.blobs.keys());
  for (const digest of blobs.digests) {
    assertConsistent(left, named, world);
    left.delete(digest);
  }
  assertConsistent(left, named, world);
}

async function checkResult(asked: PruneRules, world: World): Promise<void> {
  const { directory, texts, before } = world;
  const { names, blobs, left } = await pruneStore(
    { store: directory, ...asked },
    createContext({ env: { XDG_CACHE_HOME: directory } }),
  );
  const present = (await readdir(path.join(directory, "blobs", "sha256"))).map(
    (hex) => `sha256:${hex}`,
  );
  const after = new Set(present.filter(isDigest));
  const entries = (await (await openLayout(directory)).names()).map(({ descriptor }) => descriptor);
  const roots = [...entries.map(({ digest }) => digest), ...(asked.keep ?? [])];
  const needed = reachable(roots, texts);

  assert.equal(left.blobs, after.size);
  assert.equal(left.names, entries.length);
  assert.equal(blobs.count, before.size - after.size);
  for (const digest of needed)
    assert.ok(after.has(digest) || !before.has(digest), "a blob that is needed");
  // A name goes only where it was asked for, or where what it leads to is not all there.
  const { olderThanMs, maxBytes, patterns } = asked;
  for (const { digest, reason } of names) {
    const isWhole = [...reachable([digest], texts)].every((one) => before.has(one));
    assert.ok(reason !== "broken" || !isWhole);
    assert.ok(reason !== "old" || olderThanMs !== undefined);
    assert.ok(reason !== "full" || maxBytes !== undefined);
    assert.ok(reason !== "matched" || patterns !== undefined);
    assert.ok(reason === "broken" || !(asked.keep ?? []).includes(digest));
  }
  // What stays without need is young, or what something young leads to, or an index of the very images of a name.
  const young = [...after].filter((one) => (before.get(one)?.ageMs ?? 0) < graceMs);
  const spared = reachable(young, texts);
  for (const digest of after) {
    const isNeeded = needed.has(digest) || spared.has(digest);
    assert.ok(isNeeded || isPlain(digest, needed, texts), `${texts.get(digest)} stays`);
  }
}

function isPlain(digest: Digest, needed: ReadonlySet<Digest>, texts: ReadonlyMap<Digest, string>) {
  const [, ...led] = reachable([digest], texts);
  return (
    texts.get(digest)?.includes('"manifests":') === true && led.every((one) => needed.has(one))
  );
}

test("whatever a store holds: after a prune every name is as whole as before, nothing needed has gone, nothing old and unneeded stays, and no step is a bad one to be interrupted at", async () => {
  await fc.assert(
    fc.asyncProperty(drawnStore, rules, async (drawn, { asked, keep }) => {
      const root = await mkdtemp(path.join(tmpdir(), "transship-test-"));
      try {
        const directory = path.join(root, "store");
        const world = await makeWorld(directory, drawn);
        const kept = keep === undefined ? undefined : [...world.texts.keys()][keep];
        const all = { ...asked, ...(kept === undefined ? {} : { keep: [kept] }) };
        checkEveryStep(await takeInventory(await openLayout(directory)), all, world);
        await checkResult(all, world);
      } finally {
        await rm(root, { recursive: true, force: true });
      }
    }),
    { numRuns: 20 },
  );
});
