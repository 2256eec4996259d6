import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { imageOf } from "../../test/image/image.ts";
import { tarball } from "../filesystem/tarball.ts";
import { digestOf } from "../oci/digest.ts";
import { gatherParts } from "../oci/parts.ts";
import { parseReference } from "../oci/reference.ts";
import { readImage } from "./image.ts";
import { mostUsual, portableArchive } from "./portable.ts";

const reference = parseReference("app:1");
const layers = [{ one: "1" }, { two: "2" }];
const platforms = [{ layers, architecture: "arm64" }, { layers }];

async function portable(parts = platforms, annotations?: Readonly<Record<string, string>>) {
  const { root, source } = await imageOf(parts);
  const image = await readImage(root, { source, name: "test" });
  const docker = mostUsual(image.platforms);
  assert.ok(docker);
  const noted = annotations === undefined ? root : { ...root, annotations };
  const gathered = await gatherParts(source, noted);
  return { root, image, files: portableArchive(gathered, { source, reference, docker }) };
}

async function read(files: Awaited<ReturnType<typeof portable>>["files"], name: string) {
  const file = files.find((one) => one.name === name);
  assert.ok(file, name);
  const document: unknown = JSON.parse((await buffer(file.open())).toString());
  return document;
}

test("it is a layout of every part once, by digest, behind its documents", async () => {
  const { files, root } = await portable();
  const names = files.map(({ name }) => name);
  assert.deepEqual(names.slice(0, 3), ["oci-layout", "index.json", "manifest.json"]);
  // The root, two manifests, two configs, two layers that both share.
  assert.equal(names.length, 3 + 7);
  assert.deepEqual(names.slice(3), names.slice(3).toSorted());
  for (const file of files.slice(3)) {
    const bytes = await buffer(file.open());
    assert.equal(`blobs/sha256/${digestOf(bytes).slice(7)}`, file.name);
    assert.equal(bytes.length, file.size);
  }
  const { digest, size, mediaType } = root;
  const annotations = {
    "io.containerd.image.name": "docker.io/library/app:1",
    "org.opencontainers.image.ref.name": "1",
  };
  assert.deepEqual(await read(files, "index.json"), {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [{ mediaType, digest, size, annotations }],
  });
});

test("Docker's own manifest names one platform, linux/amd64 where it is there", async () => {
  const { files, image } = await portable();
  const amd64 = image.platforms[1]?.manifest;
  assert.deepEqual(await read(files, "manifest.json"), [
    {
      Config: `blobs/sha256/${amd64?.config.digest.slice(7) ?? ""}`,
      RepoTags: ["app:1"],
      Layers: amd64?.layers.map(({ digest }) => `blobs/sha256/${digest.slice(7)}`),
    },
  ]);
  assert.equal(mostUsual(image.platforms.slice(0, 1)), image.platforms[0]);
});

test("what a build noted of the image at its time changes nothing", async () => {
  const created = { "org.opencontainers.image.created": "2026-01-01T00:00:00Z" };
  const [one, other] = [await portable(), await portable(platforms, created)];
  const bytes = await buffer(tarball(one.files));
  assert.ok(bytes.equals(await buffer(tarball(other.files))));
});
