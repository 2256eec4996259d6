/** Images whose layers are plain: packed once, whichever image they stand in. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { utimes } from "node:fs/promises";
import { Readable } from "node:stream";
import { test } from "node:test";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { temporaryDirectory } from "../../test/directory.ts";
import { contextWith } from "../../test/image/engine.ts";
import {
  dockerFiles,
  imageOf,
  tarOf,
  type TestFile,
  type TestFiles,
} from "../../test/image/image.ts";
import { dockOf, savedImage } from "../../test/image/shipping.ts";
import { createContext } from "../context.ts";
import { fail, isFailure } from "../errors.ts";
import { digestOf } from "../oci/digest.ts";
import { type Descriptor, mediaTypes } from "../oci/document.ts";
import { pruneStore } from "../store/prune.ts";
import { openImage } from "./open.ts";
import type { Stowed } from "./shippable.ts";
import { parseSubject } from "./subject.ts";
import { sizeOf } from "../oci/size.ts";

const base = { "bin/sh": "the shell".repeat(1000), etc: { type: "directory" } } as const;
const app = { "bin/app": { content: randomBytes(300_000) } };
const other = { "bin/other": "another program".repeat(1000) };

const unpacked = { gzip: gunzipSync, zstd: zstdDecompressSync };
const types = { gzip: mediaTypes.layerGzip, zstd: mediaTypes.layerZstd };

/** The one platform of an image that has one. */
function only({ image: { platforms } }: Pick<Stowed, "image">) {
  const [platform, another] = platforms;
  assert.ok(platform && another === undefined);
  return platform;
}

for (const compression of ["gzip", "zstd"] as const) {
  test(`plain layers are packed by ${compression}, and the config stays as it is`, async (t) => {
    const { opened } = await savedImage(t, [base, app]);
    const dock = await dockOf(t);
    const stowed = await dock.stow(opened, { compression });
    const { manifest, config } = only(stowed);
    assert.equal(manifest.config.digest, only(opened).manifest.config.digest);
    assert.deepEqual(
      manifest.layers.map(({ mediaType }) => mediaType),
      [types[compression], types[compression]],
    );
    for (const [n, layer] of manifest.layers.entries()) {
      const bytes = await dock.store.read(layer);
      assert.equal(digestOf(unpacked[compression](bytes)), config.rootfs.diff_ids[n]);
    }
    assert.deepEqual(stowed.packed, {
      count: 2,
      bytesBefore: sizeOf(only(opened).manifest.layers),
      bytesAfter: sizeOf(manifest.layers),
    });
    assert.deepEqual(await dock.files(), { blobs: 4, incoming: 0 });
  });
}

test("the second time nothing is packed, and no layer is read", async (t) => {
  const { opened, asked } = await savedImage(t, [base, app]);
  const dock = await dockOf(t);
  const first = await dock.stow(opened);
  assert.equal(asked.length, 2);
  const second = await dock.stow(opened);
  assert.equal(asked.length, 2);
  assert.equal(second.root.digest, first.root.digest);
  assert.equal(second.packed.count, 0);
  assert.deepEqual(second.remembered, { count: 2, bytes: first.packed.bytesAfter });
});

test("of an image that shares layers with an earlier one only the others are packed", async (t) => {
  const dock = await dockOf(t);
  await dock.stow((await savedImage(t, [base, app])).opened);
  const { opened, asked } = await savedImage(t, [base, other]);
  const { packed, remembered } = await dock.stow(opened);
  assert.deepEqual(asked, [digestOf(await tarOf(other))]);
  assert.deepEqual([packed.count, remembered.count], [1, 1]);
});

test("a layer that stands in an image twice is packed once", async (t) => {
  const { opened, asked } = await savedImage(t, [base, app, base]);
  const dock = await dockOf(t);
  const stowed = await dock.stow(opened);
  const [first, , third] = only(stowed).manifest.layers;
  assert.deepEqual(third, first);
  assert.deepEqual([asked.length, stowed.packed.count], [2, 2]);
});

test("each compression is remembered by itself", async (t) => {
  const { opened, asked } = await savedImage(t, [base]);
  const dock = await dockOf(t);
  const [gzip, zstd, again] = [
    await dock.stow(opened, { compression: "gzip" }),
    await dock.stow(opened, { compression: "zstd" }),
    await dock.stow(opened, { compression: "gzip" }),
  ];
  assert.notEqual(zstd.root.digest, gzip.root.digest);
  assert.equal(again.root.digest, gzip.root.digest);
  assert.equal(asked.length, 2);
});

test("two stores that know nothing of each other make the same of an image", async (t) => {
  const { opened } = await savedImage(t, [base, app]);
  const [one, another] = [await dockOf(t), await dockOf(t)];
  for (const compression of ["gzip", "zstd"] as const) {
    const { root } = await one.stow(opened, { compression });
    assert.equal((await another.stow(opened, { compression })).root.digest, root.digest);
  }
});

test("what is remembered counts only where the store has it", async (t) => {
  const cache = await temporaryDirectory(t);
  const { opened, asked } = await savedImage(t, [base]);
  const [one, another] = [await dockOf(t, { cache }), await dockOf(t, { cache })];
  const { root } = await one.stow(opened);
  assert.equal((await another.stow(opened)).root.digest, root.digest);
  assert.equal(asked.length, 2);
});

test("a prune leaves what was packed until its name goes; then it is packed again", async (t) => {
  const cache = await temporaryDirectory(t);
  const { opened, asked } = await savedImage(t, [base, app]);
  const dock = await dockOf(t, { cache });
  const { root, image } = await dock.stow(opened);
  const [name] = await dock.names();
  assert.match(name ?? "", /^transship\/shipped:docker-archive-.*-app\.tar$/);
  // Blobs that are young stay in any case.
  const { manifest } = only({ image });
  const old = new Date(Date.now() - 3_600_000);
  for (const { digest } of [root, manifest.config, ...manifest.layers])
    await utimes(dock.store.path(digest), old, old);
  const context = createContext({ env: { XDG_CACHE_HOME: cache } });
  const prune = async (patterns: readonly string[]) =>
    await pruneStore({ store: dock.store.directory, patterns }, context);
  assert.equal((await prune([])).blobs.count, 0);
  await dock.stow(opened);
  assert.equal(asked.length, 2);
  assert.equal((await prune(["transship/shipped"])).blobs.count, 4);
  assert.equal((await dock.stow(opened)).root.digest, root.digest);
  assert.equal(asked.length, 4);
});

test("an engine's image that was shipped is found in the store, and not saved again", async (t) => {
  const image = await imageOf([{ layers: [base, app] }], "none");
  const saved = await dockerFiles("blobs", { image });
  const [id] = (await savedImage(t, [base, app])).opened.image.platforms.map(
    ({ manifest }) => manifest.config.digest,
  );
  assert.ok(id);
  const { context, asked } = contextWith({ id, saved });
  const dock = await dockOf(t);
  const from: string[] = [];
  for (let n = 0; n < 2; n += 1) {
    const store = dock.store.directory;
    const opened = await openImage(parseSubject("app:1"), { store }, context);
    from.push(opened.from);
    await dock.stow(opened);
    await opened.close();
  }
  assert.deepEqual(from, ["engine", "store"]);
  assert.equal(asked.filter((args) => args.includes("save")).length, 1);
  assert.deepEqual(await dock.names(), ["transship/shipped:app-1"]);
});

test("two at once make the same, and neither disturbs the other", async (t) => {
  const { opened } = await savedImage(t, [base, app]);
  const dock = await dockOf(t);
  const [one, another] = await Promise.all([dock.stow(opened), dock.stow(opened)]);
  assert.equal(one.root.digest, another.root.digest);
  const { remembered } = await dock.stow(opened);
  assert.equal(remembered.count, 2);
  assert.deepEqual(await dock.files(), { blobs: 4, incoming: 0 });
});

test("an interruption leaves no half blob, and nothing is remembered", async (t) => {
  const large = { large: { content: randomBytes(3_000_000) } };
  const { opened } = await savedImage(t, [large]);
  const interruption = new AbortController();
  async function* interrupted(layer: Descriptor) {
    for await (const chunk of await opened.source.open(layer)) {
      if (chunk instanceof Uint8Array) yield chunk;
      interruption.abort(fail("INTERRUPTED", { signal: "SIGINT" }));
    }
  }
  const open = (layer: Descriptor) => Readable.from(interrupted(layer), { objectMode: false });
  const dock = await dockOf(t);
  const stowing = dock.stow(
    { ...opened, source: { ...opened.source, open } },
    { signal: interruption.signal },
  );
  await assert.rejects(stowing, (error) => isFailure(error, "INTERRUPTED"));
  assert.deepEqual(await dock.files(), { blobs: 0, incoming: 0 });
  assert.deepEqual(await dock.names(), []);
  assert.equal(dock.tasks().at(-1)?.state, "cancelled");
  assert.equal((await dock.stow(opened)).packed.count, 1);
});

const withDamage = (files: TestFiles): TestFiles =>
  Object.fromEntries(
    Object.entries(files).map(([name, file]) => [
      name,
      name.endsWith("layer.tar") ? { content: damaged(file) } : file,
    ]),
  );

test("a damaged layer is refused at its end, and neither written nor remembered", async (t) => {
  const { opened, asked } = await savedImage(t, [base], { changed: withDamage });
  const dock = await dockOf(t);
  for (const attempt of [1, 2]) {
    await assert.rejects(dock.stow(opened), (error) => isFailure(error, "ARCHIVE_DAMAGED"));
    assert.equal(asked.length, attempt);
  }
  assert.deepEqual(await dock.files(), { blobs: 0, incoming: 0 });
  assert.deepEqual(await dock.names(), []);
  assert.match(dock.tasks().at(-1)?.error ?? "", /its bytes are sha256:/);
});

function damaged(file: TestFile | string): Uint8Array {
  assert.ok(typeof file === "object" && file.content instanceof Uint8Array);
  const bytes = Buffer.from(file.content);
  bytes.writeUInt8(1, bytes.length - 1);
  return bytes;
}

test("a plain layer that the config does not name is refused before any is read", async (t) => {
  const diffId = digestOf(await tarOf(base));
  const { opened, asked } = await savedImage(t, [base, app], { diffIds: [diffId, diffId] });
  const dock = await dockOf(t);
  await assert.rejects(
    dock.stow(opened),
    (error) =>
      isFailure(error, "IMAGE_UNREADABLE") &&
      /layer 2 of linux\/amd64 is sha256:/.test(error.message),
  );
  assert.deepEqual(asked, []);
});

test("each layer that is packed is a task, with the bytes that it has", async (t) => {
  const { opened } = await savedImage(t, [base, app]);
  const dock = await dockOf(t);
  await dock.stow(opened);
  assert.equal(dock.events[0]?.kind, "tasks");
  const done = dock.tasks().filter(({ state }) => state === "done");
  const layers = only(opened).manifest.layers.toSorted((one, two) => two.size - one.size);
  assert.deepEqual(
    done.toSorted((one, two) => one.number - two.number).map(({ title, bytes }) => [title, bytes]),
    layers.map(({ digest, size }) => [
      `Compress layer ${digest.slice(7, 19)}`,
      { current: size, total: size },
    ]),
  );
  const before = dock.events.length;
  await dock.stow(opened);
  assert.equal(dock.events.length, before);
});
