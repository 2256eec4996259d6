import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { imageOf } from "../../test/image/image.ts";
import { digestOf } from "../oci/digest.ts";
import { dockerArchive, layoutArchive, plainIndex, sharedLayers } from "./loadable.ts";
import { readImage } from "./image.ts";

const [a, b, c] = ["a", "b", "c"].map((text) => digestOf(text));
assert.ok(a && b && c);

test("layers are shared from the lowest up, and only as a chain", () => {
  assert.equal(sharedLayers([a, b, c], [[a, b], [a], [c]]), 2);
  assert.equal(sharedLayers([a, b], [[a, b, c]]), 2);
  assert.equal(sharedLayers([a, b], [[b, a]]), 0);
  assert.equal(sharedLayers([a], []), 0);
});

test("the archive for the classic image store leaves out what is there, and still names it", async () => {
  const { root, source } = await imageOf([{ layers: [{ one: "1" }, { two: "2" }] }]);
  const { platforms } = await readImage(root, { source, name: "test" });
  const [platform] = platforms;
  assert.ok(platform);
  const files = dockerArchive(platform, { source, tag: "app:1", skip: 1 });
  assert.equal(files.length, 3);
  const whole = dockerArchive(platform, { source, tag: "app:1", skip: 0 });
  assert.equal(whole.length, 4);
  const chunks: Uint8Array[] = [];
  for await (const chunk of whole[0]?.open() ?? []) chunks.push(chunk);
  const [document] = z
    .array(z.object({ RepoTags: z.array(z.string()), Layers: z.array(z.string()) }))
    .parse(JSON.parse(Buffer.concat(chunks).toString()));
  assert.deepEqual(document?.RepoTags, ["app:1"]);
  assert.equal(document.Layers.length, 2);
});

test("the archive for containerd's image store is a layout with every blob once", async () => {
  const layers = [{ one: "1" }];
  const { root, source } = await imageOf([{ layers }, { layers, architecture: "arm64" }]);
  const { platforms } = await readImage(root, { source, name: "test" });
  const files = layoutArchive(root, platforms, {
    source,
    name: "docker.io/library/app:1",
    tag: "1",
  });
  const names = files.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  // oci-layout, index.json, the root, two manifests, two configs, one layer that both share.
  assert.equal(names.length, 8);
});

test("the index of the platforms alone does not change from build to build", async () => {
  const { root, source } = await imageOf([
    { layers: [{}] },
    { layers: [{}], architecture: "arm64" },
  ]);
  const { platforms } = await readImage(root, { source, name: "test" });
  assert.deepEqual(plainIndex(platforms), plainIndex([...platforms]));
  assert.match(Buffer.from(plainIndex(platforms)).toString(), /"architecture":"arm64"/);
});
