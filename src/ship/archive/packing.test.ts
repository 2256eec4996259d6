import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { imageOf } from "../../../test/image/image.ts";
import { readImage } from "../../image/image.ts";
import { type Packing, packed, packingFor } from "./packing.ts";

const words = Buffer.from("the same words again and again\n".repeat(100_000));
const content = Buffer.concat([words, randomBytes(300_000), words]);

async function pack(packing: Packing, size: number): Promise<Buffer> {
  const parts = Array.from({ length: Math.ceil(content.length / size) }, (_, n) => {
    return new Uint8Array(content.subarray(n * size, (n + 1) * size));
  });
  return await buffer(packed(Readable.from(parts), packing));
}

for (const packing of ["none", "stored", "zstd"] as const) {
  test(`how the archive comes makes no difference to what is written (${packing})`, async () => {
    const whole = await pack(packing, content.length);
    for (const size of [1_007, 65_536, 1_500_000])
      assert.ok((await pack(packing, size)).equals(whole), String(size));
    assert.ok((packing === "none" ? whole : zstdDecompressSync(whole)).equals(content));
    assert.equal(whole.length < 400_000, packing === "zstd");
  });
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1_000);
  throw new Error("gone");
}

test("an archive that fails fails packed as well", async () => {
  for (const packing of ["none", "stored", "zstd"] as const) {
    await assert.rejects(buffer(packed(broken(), packing)), /gone/);
  }
});

test("layers that are packed are stored, and a plain archive is asked for by its name", async () => {
  const { root, source } = await imageOf([{ layers: [{}] }]);
  const { platforms } = await readImage(root, { source, name: "test" });
  assert.equal(packingFor("app.tar", platforms), "none");
  assert.equal(packingFor("app.tar.zst", platforms), "stored");
  assert.equal(packingFor("standard output", platforms), "stored");
  const [first] = platforms;
  assert.ok(first);
  const { manifest } = first;
  const [layer] = manifest.layers;
  assert.ok(layer);
  const layers = [layer, { ...layer, mediaType: "application/vnd.oci.image.layer.v1.tar" }];
  const loose = [{ ...first, manifest: { ...manifest, layers } }];
  assert.equal(packingFor("app.tar.zst", loose), "zstd");
});
