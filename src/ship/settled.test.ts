import assert from "node:assert/strict";
import { test } from "node:test";
import { imageOf } from "../../test/image/image.ts";
import { readImage } from "../image/image.ts";
import { parseReference } from "../oci/reference.ts";
import type { ServerImage } from "../server/facts.ts";
import { settledIn } from "./settled.ts";

const { root, source } = await imageOf([
  { architecture: "arm64", layers: [{ a: "arm" }] },
  { architecture: "amd64", layers: [{ a: "amd" }] },
]);
const image = await readImage(root, { source, name: "app:1" });
const [, amd] = image.platforms;
assert.ok(amd !== undefined);
const reference = parseReference("app:1");

const names = ["app:1", "transship/shipped/app:20261127T104500-1f2e3d4c5b6a"];
const held: ServerImage = {
  id: image.root.digest,
  names,
  digests: [],
  layers: amd.config.rootfs.diff_ids,
};

function settled(
  changed: Partial<ServerImage>,
  machine = "x86_64",
  others: readonly ServerImage[] = [],
) {
  const images = [{ ...held, ...changed }, ...others];
  return settledIn({ image, reference }, { images, machine });
}

test("the server has it by its name and protected: by its root, or by the config of its platform", () => {
  assert.equal(settled({})?.one, amd);
  const id = amd.manifest.config.digest;
  assert.deepEqual(settled({ id }), { one: amd, id });
});

const others = [
  ["another image has the name", { id: amd.manifest.layers[0]?.digest ?? root.digest }],
  [
    "it is there for another platform",
    { layers: image.platforms[0]?.config.rootfs.diff_ids ?? [] },
  ],
  ["nothing protects it", { names: ["app:1"] }],
  ["it has another name alone", { names: names.slice(1) }],
] as const;
for (const [what, changed] of others) {
  test(`there is something to do: ${what}`, () => assert.equal(settled(changed), undefined));
}

test("there is something to do: the machine is another, or something temporary is left", () => {
  assert.equal(settled({}, "aarch64"), undefined);
  const left = `127.0.0.1:40123/transship/${"0".repeat(32)}@${root.digest}`;
  const one = { id: amd.manifest.config.digest, names: [], digests: [left], layers: [] };
  assert.equal(settled({}, "x86_64", [one]), undefined);
});
