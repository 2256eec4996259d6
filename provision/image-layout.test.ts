import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { digestOf } from "../src/oci/digest.ts";
import { mediaTypes } from "../src/oci/document.ts";
import { openLayout } from "../src/store/layout.ts";
import { blobName, layersOf, writeImage, writeLayer } from "./image-layout.ts";

const { signal } = new AbortController();
const archive = Buffer.alloc(100_000, "tar");

async function emptyLayout(t: TestContext): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), "transship-layout-"));
  t.after(async () => await rm(directory, { recursive: true, force: true }));
  return directory;
}

test("a layer has the digests of what is in the blob, and of what was put in", async (t) => {
  const layout = await emptyLayout(t);
  for (const [compression, unpack, mediaType] of [
    ["gzip", gunzipSync, mediaTypes.layerGzip] as const,
    ["zstd", zstdDecompressSync, mediaTypes.layerZstd] as const,
  ]) {
    const options = { createdBy: "COPY . /", compression, signal };
    const layer = await writeLayer(layout, Readable.from([archive]), options);
    const blob = await readFile(path.join(layout, blobName(layer.digest)));
    assert.deepEqual(layer, {
      mediaType,
      digest: digestOf(blob),
      size: blob.byteLength,
      diffId: digestOf(archive),
      createdBy: "COPY . /",
    });
    assert.deepEqual(unpack(blob), archive);
  }
});

test("the image of a layout is read back with its layers in order", async (t) => {
  const layout = await emptyLayout(t);
  const write = async (content: string) => {
    const options = { createdBy: `RUN ${content}`, compression: "gzip", signal } as const;
    return await writeLayer(layout, Readable.from([Buffer.from(content)]), options);
  };
  const layers = [await write("first"), await write("second")];
  const config = await writeImage(layout, layers, ["python3"]);
  assert.deepEqual(await layersOf(layout), layers);
  const [entry] = await (await openLayout(layout)).names();
  assert.deepEqual(entry?.descriptor.platform, { architecture: "amd64", os: "linux" });
  const document: unknown = JSON.parse(await readFile(path.join(layout, blobName(config)), "utf8"));
  assert.ok(typeof document === "object" && document !== null && "config" in document);
});

test("a layer that breaks off leaves nothing", async (t) => {
  const layout = await emptyLayout(t);
  const broken = Readable.from(
    (function* () {
      yield archive;
      throw new Error("cut");
    })(),
  );
  const options = { createdBy: "", compression: "gzip", signal } as const;
  await assert.rejects(writeLayer(layout, broken, options), /cut/);
  assert.deepEqual(await readdir(path.join(layout, path.dirname(blobName(digestOf(""))))), []);
});
