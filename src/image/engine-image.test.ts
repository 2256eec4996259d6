/** An engine's image, as each kind of engine saves it, and as the store has it. The engine itself is played. */
import assert from "node:assert/strict";
import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import { contextWith, type PlayedEngine } from "../../test/image/engine.ts";
import { dockerFiles, imageOf, layoutFiles, type TestImage } from "../../test/image/image.ts";
import { fail, isFailure } from "../errors.ts";
import { digestOf } from "../oci/digest.ts";
import { parseIndex, parseManifest } from "../oci/document.ts";
import { openStore } from "../store/store.ts";
import { openImage } from "./open.ts";
import { parseSubject } from "./subject.ts";

const layers = [{ "bin/app": "one" }, { "bin/app": "two" }];
const image = await imageOf([{ layers }], "none");
const [manifest] = parseIndex(await image.source.read(image.root)).manifests;
assert.ok(manifest);
const { config } = parseManifest(await image.source.read(manifest));

async function opened(t: TestContext, engine: PlayedEngine, store?: string, name = "app:1") {
  const directory = store ?? (await temporaryDirectory(t));
  const { context, asked } = contextWith(engine);
  const found = await openImage(parseSubject(name), { store: directory }, context);
  t.after(async () => await found.close());
  return { ...found, asked };
}

async function storeOf(t: TestContext, { blobs, root }: TestImage, name: string) {
  const store = await openStore(path.join(await temporaryDirectory(t), "store"));
  for (const bytes of blobs.values()) await store.write("any", bytes);
  await store.name(name, root);
  return store;
}

/** The temporary directories of this process. */
async function ours(): Promise<readonly string[]> {
  const names = await readdir(tmpdir());
  return names.filter((name) => name.startsWith(`transship-image-${process.pid}-`));
}

for (const style of ["legacy", "blobs"] as const) {
  test(`the classic image store's ${style} archive is read by its manifest.json`, async (t) => {
    const saved = await dockerFiles(style, { image, tags: ["app:1"] });
    // Some versions list the image in index.json with a manifest that has no layers.
    const hollow = { schemaVersion: 2, config, layers: [] };
    const content = Buffer.from(JSON.stringify(hollow));
    const blobs = new Map([[digestOf(content), content]]);
    const root = { ...manifest, digest: digestOf(content), size: content.length };
    const index = style === "blobs" ? layoutFiles({ ...image, root, blobs }) : {};
    const one = await opened(t, { id: config.digest, saved: { ...index, ...saved } });
    assert.equal(one.from, "engine");
    assert.equal(one.image.platforms[0]?.manifest.layers.length, 2);
    assert.equal(one.image.platforms[0]?.manifest.config.digest, config.digest);
    assert.deepEqual(one.asked.at(-1), ["image", "save", config.digest]);
  });
}

test("containerd's image store saves a layout, of which what is absent is passed over", async (t) => {
  const both = await imageOf([{ layers }, { layers, architecture: "arm64" }], "none");
  const [, foreign] = parseIndex(await both.source.read(both.root)).manifests;
  assert.ok(foreign);
  const blobs = new Map([...both.blobs].filter(([digest]) => digest !== foreign.digest));
  const saved = layoutFiles({ ...both, blobs }, ["docker.io/library/app:1"]);
  const one = await opened(t, { id: both.root.digest, saved });
  assert.equal(one.image.root.digest, both.root.digest);
  assert.equal(one.image.platforms.length, 1);
  assert.equal(one.image.absent[0]?.digest, foreign.digest);
});

test("an image is taken from the store by whatever digest the engine calls it", async (t) => {
  const store = await storeOf(t, image, "docker.io/library/other:1");
  for (const id of [image.root.digest, manifest.digest, config.digest]) {
    const one = await opened(t, { id }, store.directory);
    assert.equal(one.from, "store");
    assert.equal(one.image.platforms[0]?.descriptor.digest, manifest.digest);
    assert.equal(one.asked.length, 1);
  }
});

test("an image's ID is asked for as it was written", async (t) => {
  const store = await storeOf(t, image, "docker.io/library/app:1");
  const name = config.digest.slice(7, 19);
  const one = await opened(t, { id: config.digest }, store.directory, name);
  assert.equal(one.asked[0]?.at(-1), name);
  assert.equal(one.name, name);
});

test("where the store lost a part, the engine is asked", async (t) => {
  const saved = await dockerFiles("blobs", { image });
  const { layers: descriptors } = parseManifest(await image.source.read(manifest));
  for (const digest of [manifest.digest, descriptors[0]?.digest]) {
    assert.ok(digest);
    const store = await storeOf(t, image, "docker.io/library/app:1");
    await rm(store.path(digest));
    const one = await opened(t, { id: config.digest, saved }, store.directory);
    assert.equal(one.from, "engine");
  }
});

test("what docker says when it fails is what is told, and nothing stays", async (t) => {
  const saved = await dockerFiles("blobs", { image });
  await assert.rejects(opened(t, { id: config.digest, saved, exitCode: 1 }), (error) => {
    assert.ok(isFailure(error, "DOCKER_FAILED"), String(error));
    assert.match(error.message, /the daemon went away/);
    return true;
  });
  assert.deepEqual(await ours(), []);
});

test("what has no room is not saved", async (t) => {
  const { context, asked } = contextWith({ id: config.digest, size: 2 ** 52 });
  const store = await temporaryDirectory(t);
  await assert.rejects(openImage(parseSubject("app:1"), { store }, context), (error) =>
    isFailure(error, "TEMPORARY_FULL"),
  );
  assert.ok(!asked.some((args) => args.includes("save")));
  assert.deepEqual(await ours(), []);
});

test("an interrupt ends the saving, and nothing stays", async (t) => {
  const interruption = new AbortController();
  const { context } = contextWith({ id: config.digest });
  const reason = fail("INTERRUPTED", { signal: "SIGINT" });
  const endless = new Readable({
    read() {
      setImmediate(() => interruption.abort(reason));
    },
  });
  const docker = {
    ...context.docker,
    stream: async () => ({ stdout: endless, finished: new Promise<never>(() => {}) }),
  };
  const store = await temporaryDirectory(t);
  const signal = interruption.signal;
  const opening = openImage(parseSubject("app:1"), { store }, { ...context, docker, signal });
  await assert.rejects(opening, reason);
  assert.deepEqual(await ours(), []);
});
