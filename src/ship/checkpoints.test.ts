import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "../oci/digest.ts";
import { mediaTypes, parseConfig, parseManifest } from "../oci/document.ts";
import { checkpointsOf } from "./checkpoints.ts";

const mb = 1_000_000;

function imageOf(sizes: readonly number[]) {
  const layers = sizes.map((size, n) => ({
    mediaType: mediaTypes.layerGzip,
    digest: digestOf(`layer ${n}`),
    size,
  }));
  const config = { mediaType: mediaTypes.config, digest: digestOf("config"), size: 100 };
  const manifest = { schemaVersion: 2 as const, config, layers };
  const diff_ids = sizes.map((_, n) => digestOf(`plain ${n}`));
  return {
    descriptor: { mediaType: mediaTypes.manifest, digest: digestOf("manifest"), size: 500 },
    manifest,
    config: parseConfig(
      Buffer.from(
        JSON.stringify({
          os: "linux",
          architecture: "amd64",
          rootfs: { type: "layers", diff_ids },
        }),
      ),
    ),
  };
}

/** How many layers each of them has. */
function heights(sizes: readonly number[], missing = sizes.map((_, n) => n)) {
  const image = imageOf(sizes);
  const lacking = image.manifest.layers.filter((_, n) => missing.includes(n));
  return checkpointsOf(image, lacking).map(({ manifest, config }) => {
    const { layers, config: named } = parseManifest(manifest.bytes);
    const { rootfs } = parseConfig(config.bytes);
    assert.equal(named.digest, digestOf(config.bytes));
    assert.equal(manifest.descriptor.digest, digestOf(manifest.bytes));
    assert.deepEqual(layers, image.manifest.layers.slice(0, layers.length));
    assert.deepEqual(rootfs.diff_ids, image.config.rootfs.diff_ids.slice(0, layers.length));
    return layers.length;
  });
}

const cases = [
  { what: "little is missing", sizes: [mb, mb, mb], heights: [] },
  { what: "one layer is all of it", sizes: [500 * mb], heights: [] },
  { what: "the top layer is the image itself", sizes: [30 * mb, 30 * mb], heights: [1] },
  { what: "small layers go together", sizes: [mb, 20 * mb, mb, mb, 20 * mb, mb], heights: [2, 5] },
  {
    what: "many are never more than eight",
    sizes: Array.from({ length: 40 }, () => 20 * mb),
    heights: [5, 10, 15, 20, 25, 30, 35],
  },
] as const;

for (const { what, sizes, heights: expected } of cases) {
  test(`images of the lower layers: ${what}`, () => assert.deepEqual(heights(sizes), expected));
}

test("what the server has counts nothing, and stands in them all the same", () => {
  assert.deepEqual(heights([900 * mb, 20 * mb, 20 * mb, mb], [1, 2, 3]), [2, 3]);
  assert.deepEqual(heights([900 * mb, 20 * mb], [1]), []);
});
