import assert from "node:assert/strict";
import { test } from "node:test";
import { blobOf, indexOf, manifestOf } from "../../test/store/fixture.ts";
import { digestOf } from "../oci/digest.ts";
import { mediaTypes } from "../oci/document.ts";
import { readDocument, type StoredDocument } from "./document.ts";

const read = (document: unknown) => readDocument(Buffer.from(JSON.stringify(document)));
const digests = (document: StoredDocument | undefined) =>
  document?.parts.map(({ digest }) => digest);
const layer = blobOf(mediaTypes.layer, "a layer").descriptor;

test("an index leads to its manifests, a manifest to its config and layers", () => {
  const image = manifestOf(["one", "two"]);
  const [manifest] = image.blobs.slice(-1);
  const readManifest = readDocument(manifest?.bytes ?? new Uint8Array());
  assert.equal(readManifest?.kind, "manifest");
  const parts = image.blobs.slice(0, -1).map(({ descriptor }) => descriptor.digest);
  assert.deepEqual(new Set(digests(readManifest)), new Set(parts));
  const [index] = indexOf([image]).blobs.slice(-1);
  const readIndex = readDocument(index?.bytes ?? new Uint8Array());
  assert.deepEqual([readIndex?.kind, digests(readIndex)], ["index", [image.root.digest]]);
});

test("what others write is led to as well: artifacts, and what a signature is of", () => {
  const artifact = read({
    mediaType: "application/vnd.oci.artifact.manifest.v1+json",
    blobs: [layer],
  });
  assert.deepEqual([artifact?.kind, digests(artifact)], ["manifest", [layer.digest]]);
  const signature = read({ layers: [layer], subject: { ...layer, digest: digestOf("image") } });
  assert.deepEqual(digests(signature), [layer.digest]);
  assert.equal(signature?.subject?.digest, digestOf("image"));
});

test("a part that cannot be read hides no other", () => {
  const odd = [null, 1, {}, { ...layer, digest: "sha512:00" }, layer];
  assert.deepEqual(digests(read({ manifests: odd })), [layer.digest]);
  assert.deepEqual(digests(read({ layers: odd, config: "none" })), [layer.digest]);
});

test("a config, a statement and what is no JSON lead nowhere", () => {
  for (const other of [{ os: "linux", config: { Cmd: ["a"] } }, { subject: [] }, [], null, 1, "a"])
    assert.equal(read(other), undefined);
  for (const bytes of ["", "{", "\u001F\u008B", Buffer.from([123, 0xff])])
    assert.equal(readDocument(Buffer.from(bytes)), undefined);
});
