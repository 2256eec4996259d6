import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { elf, imageOf, sourceOf, tarOf, type TestFiles } from "../../test/image/image.ts";
import { isFailure } from "../errors.ts";
import { digestOf } from "../oci/digest.ts";
import { type Descriptor, parseIndex, parseManifest } from "../oci/document.ts";
import { layerFacts } from "./cache.ts";
import { type LayerFacts, readLayer } from "./layer.ts";

const { signal } = new AbortController();

const files: TestFiles = {
  "usr/": { type: "directory" },
  "usr/bin/app": { content: Buffer.concat([elf(62), Buffer.alloc(5000, 7)]) },
  "usr/bin/run": "#!/bin/sh\nexec app\n",
  "usr/share/text": { content: "no program", mode: 0o644 },
  bin: { type: "symlink", linkname: "usr/bin" },
  "usr/bin/also": { type: "link", linkname: "usr/bin/app" },
};

async function layerOf(compression: "gzip" | "zstd" | "none") {
  const { source, root } = await imageOf([{ layers: [files] }], compression);
  const [manifest] = parseIndex(await source.read(root)).manifests;
  assert.ok(manifest);
  const [layer] = parseManifest(await source.read(manifest)).layers;
  assert.ok(layer);
  return { source, layer };
}

for (const compression of ["gzip", "zstd", "none"] as const) {
  test(`a layer of compression ${compression} tells its entries and its DiffID`, async () => {
    const { source, layer } = await layerOf(compression);
    const facts = await readLayer(layer, source, { signal });
    assert.equal(facts.diffId, digestOf(await tarOf(files)));
    assert.deepEqual(
      facts.entries.map(({ path: name, type }) => `${type} ${name}`),
      [
        "directory usr",
        "file usr/bin/app",
        "file usr/bin/run",
        "file usr/share/text",
        "symlink bin",
        "link usr/bin/also",
      ],
    );
    const [, app, run, text] = facts.entries;
    assert.equal(app?.content?.kind, "elf");
    assert.ok(run?.content?.kind === "script");
    assert.equal(Buffer.from(run.content.head).toString(), "#!/bin/sh\nexec app\n");
    assert.equal(text?.content, undefined);
    assert.equal(app?.size, 5064);
  });
}

const gzipped = await layerOf("gzip");
const whole = await gzipped.source.read(gzipped.layer);
const damages: Readonly<Record<string, Uint8Array>> = {
  "cut short": whole.subarray(0, whole.length - 40),
  "damaged in the middle": Uint8Array.from(whole, (byte, n) =>
    n === whole.length >> 1 ? byte ^ 255 : byte,
  ),
  "no archive at all": Buffer.from("hello, this is not a tar archive".repeat(40)),
};
for (const [how, bytes] of Object.entries(damages)) {
  test(`a layer that is ${how} is LAYER_DAMAGED`, async () => {
    const source = sourceOf(new Map([[gzipped.layer.digest, bytes]]));
    await assert.rejects(readLayer(gzipped.layer, source, { signal }), (error) =>
      isFailure(error, "LAYER_DAMAGED"),
    );
  });
}

test("reading ends with the signal, and throws its reason", async () => {
  const { source, layer } = await layerOf("gzip");
  const reason = new Error("enough");
  await assert.rejects(readLayer(layer, source, { signal: AbortSignal.abort(reason) }), reason);
});

test("facts are kept, and a file that was changed is never believed", async (context) => {
  const directory = await mkdtemp(path.join(tmpdir(), "transship-test-"));
  context.after(async () => await rm(directory, { recursive: true }));
  const { source, layer } = await layerOf("gzip");
  let reads = 0;
  const counted = {
    ...source,
    open: (descriptor: Descriptor) => {
      reads += 1;
      return source.open(descriptor);
    },
  };
  const facts = async () => await layerFacts(layer, { source: counted, directory, signal });
  const first = await facts();
  assert.deepEqual(normal(await facts()), normal(first));
  assert.equal(reads, 1);
  const [name = ""] = await readdir(directory);
  const kept = path.join(directory, name);
  const text = await readFile(kept, "utf8");
  for (const poisoned of [
    text.replace("usr/bin/app", "usr/bin/bad"),
    text.slice(0, -9),
    "",
    "\n",
  ]) {
    await writeFile(kept, poisoned);
    assert.deepEqual(normal(await facts()), normal(first));
  }
  assert.equal(reads, 5);
});

test("a blob's file that has changed since is read again", async (context) => {
  const directory = await mkdtemp(path.join(tmpdir(), "transship-test-"));
  context.after(async () => await rm(directory, { recursive: true }));
  const { source, layer } = await layerOf("gzip");
  const file = path.join(directory, "blob");
  await writeFile(file, whole);
  const options = { source, directory: path.join(directory, "facts"), file, signal };
  await layerFacts(layer, options);
  await writeFile(file, "other");
  const broken = { ...options, source: sourceOf(new Map()) };
  await assert.rejects(layerFacts(layer, broken), (error) =>
    isFailure(error, "STORE_BLOB_MISSING"),
  );
});

/** What can be compared: the bytes of heads as text, and no place of symbols. */
function normal({ diffId, bytes, entries, unread }: LayerFacts) {
  const texts = entries.map(({ symbols: _, ...entry }) => JSON.stringify(entry));
  return { diffId, bytes, unread, texts };
}
