/** Images that go as they are, and those of which a part stays behind. */
import assert from "node:assert/strict";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { writeFile } from "node:fs/promises";
import { temporaryDirectory } from "../../test/directory.ts";
import { dockOf, openWatched } from "../../test/image/shipping.ts";
import {
  attestationOf,
  blobOf,
  entryOf,
  indexOf,
  manifestOf,
  type TestBuild,
  writeStore,
} from "../../test/store/fixture.ts";
import { fail, isFailure } from "../errors.ts";
import { isAttestation, mediaTypes, parseIndex } from "../oci/document.ts";
import type { ContentSource } from "../oci/source.ts";
import { type Image, platformName } from "./image.ts";
import type { OpenImage } from "./opened.ts";

const amd64 = manifestOf(["base", "for amd64"]);
const arm64 = manifestOf(["base", "for arm64"], "arm64");
const attested = attestationOf(amd64.root.digest, "built by BuildKit");
const both = indexOf([amd64, arm64, attested], ["amd64", "arm64"]);

/** An image of a layout. */
async function opened(t: TestContext, build: TestBuild) {
  const directory = await temporaryDirectory(t);
  await writeStore(directory, [entryOf(build, "docker.io/library/app:1")], [build]);
  return await openWatched(t, `oci:${directory}:app:1`);
}

const digestsOf = ({ platforms }: Image) => platforms.map(({ descriptor }) => descriptor.digest);

test("an image that is packed goes as it is, with what is attested of it", async (t) => {
  const image = await opened(t, both);
  const dock = await dockOf(t);
  const stowed = await dock.stow(image.opened);
  assert.equal(stowed.root.digest, both.root.digest);
  assert.equal(stowed.packed.count, 0);
  assert.deepEqual(stowed.copied, { count: 3, bytes: 22 });
  for (const { descriptor, bytes } of both.blobs)
    assert.deepEqual(Buffer.from(await dock.store.read(descriptor)), Buffer.from(bytes));
  assert.deepEqual(dock.notes(), []);
  assert.deepEqual(
    dock.tasks().filter(({ state, title }) => state === "done" && title.startsWith("Copy")).length,
    3,
  );
  const before = image.asked.length;
  assert.deepEqual((await dock.stow(image.opened)).copied, { count: 0, bytes: 0 });
  assert.equal(image.asked.length, before);
});

test("of what is the store's own nothing is copied, and its name is enough", async (t) => {
  const dock = await dockOf(t);
  await writeStore(dock.store.directory, [entryOf(both, "docker.io/library/app:1")], [both]);
  const { opened: own, asked } = await openWatched(t, `oci:${dock.store.directory}`);
  const stowed = await dock.stow(own);
  assert.equal(stowed.root.digest, both.root.digest);
  assert.deepEqual([asked, dock.events, await dock.names()], [[], [], ["app:1"]]);
  const { root } = await dock.stow(without(own, arm64));
  assert.equal(parseIndex(await dock.store.read(root)).manifests.length, 2);
  assert.deepEqual([asked, await dock.names()], [[], ["app:1"]]);
});

test("platforms that are not there stay behind: what is there gets an index of its own", async (t) => {
  const image = await opened(t, both);
  const dock = await dockOf(t);
  const { root, image: stowed } = await dock.stow(without(image.opened, arm64));
  const { manifests } = parseIndex(await dock.store.read(root));
  assert.deepEqual(
    manifests.map(({ digest, platform }) => [digest, platform?.architecture]),
    [
      [amd64.root.digest, "amd64"],
      [attested.root.digest, "unknown"],
    ],
  );
  assert.ok(manifests[1] && isAttestation(manifests[1]));
  assert.deepEqual(digestsOf(stowed), [amd64.root.digest]);
  const [note, ...more] = dock.notes();
  assert.match(note ?? "", /lists linux\/arm64, which stays .* for linux\/amd64 alone\.$/);
  assert.deepEqual(more, []);
});

test("a single platform of which nothing is attested is sent without an index", async (t) => {
  const image = await opened(t, both);
  const dock = await dockOf(t);
  const { root, image: stowed } = await dock.stow(without(image.opened, amd64));
  assert.equal(root.digest, arm64.root.digest);
  assert.deepEqual(stowed.platforms.map(platformName), ["linux/arm64"]);
});

test("an image without any platform is refused", async (t) => {
  const image = await opened(t, both);
  const dock = await dockOf(t);
  const stowing = dock.stow(without(without(image.opened, amd64), arm64));
  await assert.rejects(stowing, (error) => isFailure(error, "IMAGE_UNREADABLE"));
  assert.deepEqual(await dock.names(), []);
});

/** The image as an engine has it that does not hold that platform. */
function without(from: OpenImage, { root }: TestBuild): OpenImage {
  const { image } = from;
  const platforms = image.platforms.filter(({ descriptor }) => descriptor.digest !== root.digest);
  return { ...from, image: { ...image, platforms, absent: [root] } };
}

test("attestations that are not there stay behind, and the platforms keep their digests", async (t) => {
  const image = await opened(t, both);
  const dock = await dockOf(t);
  const lacking: ContentSource = {
    ...image.opened.source,
    async read(descriptor) {
      const { digest } = descriptor;
      if (digest === attested.root.digest) throw fail("STORE_BLOB_MISSING", { digest, path: "" });
      return await image.opened.source.read(descriptor);
    },
  };
  const { image: stowed } = await dock.stow({ ...image.opened, source: lacking });
  assert.deepEqual(digestsOf(stowed), [amd64.root.digest, arm64.root.digest]);
  assert.match(dock.notes().join("\n"), /^1 attestation that .* lists is not there/);
});

test("an index of plain layers is made anew, all that is written in it kept but what is attested of them", async (t) => {
  const { layer, dockerLayer } = mediaTypes;
  const layers = [blobOf(layer, "plain base"), blobOf(dockerLayer, "plain")];
  const packed = manifestOf(["plain base", "plain"]);
  const [, , config] = packed.blobs;
  assert.ok(config);
  const manifest = blobOf(mediaTypes.manifest, {
    schemaVersion: 2,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => ({ ...descriptor, annotations: { of: "a layer" } })),
    annotations: { of: "a manifest" },
  });
  const plain = { root: manifest.descriptor, blobs: [...layers, config, manifest] };
  const mixed = indexOf([plain, arm64, attestationOf(manifest.descriptor.digest, "it")], ["amd64"]);
  const image = await opened(t, mixed);
  const dock = await dockOf(t);
  const { root, image: stowed, ...work } = await dock.stow(image.opened);
  assert.notEqual(root.digest, mixed.root.digest);
  const [one, other] = stowed.platforms;
  assert.equal(one?.manifest.config.digest, config.descriptor.digest);
  assert.deepEqual(
    one.manifest.layers.map(({ mediaType, annotations }) => [mediaType, annotations]),
    [mediaTypes.layerGzip, `${dockerLayer}.gzip`].map((type) => [type, { of: "a layer" }]),
  );
  const bytes = await dock.store.read(one.descriptor);
  assert.match(Buffer.from(bytes).toString(), /"annotations":\{"of":"a manifest"\}\}$/);
  assert.equal(one.descriptor.platform?.architecture, "amd64");
  assert.equal(other?.descriptor.digest, arm64.root.digest);
  assert.deepEqual([work.packed.count, work.copied.count], [2, 2]);
  assert.equal(parseIndex(await dock.store.read(root)).manifests.length, 2);
  assert.match(dock.notes().join("\n"), /^1 attestation of .* it is of plain layers\.$/);
  await dock.stow(image.opened);
  assert.deepEqual((await dock.stow(image.opened)).remembered.count, 2);
});

test("a layer that is not what its digest says is not copied", async (t) => {
  const image = await opened(t, amd64);
  const [layer] = amd64.blobs;
  assert.ok(layer);
  const where = image.opened.file(layer.descriptor.digest);
  assert.ok(where !== undefined && path.isAbsolute(where));
  await writeFile(where, "evil");
  const dock = await dockOf(t);
  await assert.rejects(dock.stow(image.opened), (error) => isFailure(error, "STORE_BLOB_DAMAGED"));
  assert.equal(await dock.store.has(layer.descriptor.digest), false);
  assert.equal((await dock.files()).incoming, 0);
});
