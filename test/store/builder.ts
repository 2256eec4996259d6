/**
 * A process that does to a store what a build does, again and again: `node builder.ts DIRECTORY PREFIX COUNT MODE`. Mode
 * `locked`: as `transship build`, under the shared lock, and looks at the end of each whether its image is whole. Mode
 * `plain`: as `docker buildx build`, which has no such lock (moby/buildkit, client/ociindex; containerd, plugins/content/local).
 */
import assert from "node:assert/strict";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { hexOf } from "../../src/oci/digest.ts";
import { parseIndex } from "../../src/oci/document.ts";
import { openStore } from "../../src/store/store.ts";
import { blobPath, entryOf, manifestOf, type TestBlob, type TestBuild } from "./fixture.ts";

const [directory = "", prefix = "", count = "0", mode = "locked"] = process.argv.slice(2);

for (let n = 0; n < Number(count); n += 1) {
  const build = manifestOf(["a base that all have", `${prefix} ${n}`, `${prefix} ${n % 3}`]);
  const name = `docker.io/library/${prefix}:${n % 2}`;
  if (mode === "locked") await buildLocked(build, name);
  else await buildPlain(build, name);
}

async function buildLocked(build: TestBuild, name: string): Promise<void> {
  const store = await openStore(directory);
  const lock = await store.lock("shared", { purpose: "a build" });
  for (const { descriptor, bytes } of build.blobs) {
    const content = (async function* () {
      yield bytes;
    })();
    await store.writeBlob(descriptor, content);
  }
  await store.name(name, build.root);
  for (const { descriptor } of build.blobs)
    assert.ok(await store.has(descriptor.digest, descriptor.size), `${name} lacks a blob`);
  await lock.release();
}

async function buildPlain(build: TestBuild, name: string): Promise<void> {
  for (const blob of build.blobs) await commit(blob);
  const index = path.join(directory, "index.json");
  const lock = `${index}.lock`;
  // BuildKit does not wait, its caller runs it again.
  while (
    !(await writeFile(lock, "", { flag: "wx" }).then(
      () => true,
      () => false,
    ))
  );
  const { manifests } = parseIndex(await readFile(index));
  const others = manifests.filter(
    ({ annotations }) => annotations?.["io.containerd.image.name"] !== name,
  );
  const entries = [...others, entryOf(build, name)];
  await writeFile(index, JSON.stringify({ schemaVersion: 2, manifests: entries }));
  await rm(lock);
}

async function commit({ descriptor, bytes }: TestBlob): Promise<void> {
  const ingest = path.join(directory, "ingest", `${prefix}${hexOf(descriptor.digest)}`);
  await mkdir(ingest, { recursive: true });
  await writeFile(path.join(ingest, "data"), bytes);
  await rename(path.join(ingest, "data"), blobPath(directory, descriptor.digest));
  await rm(ingest, { recursive: true });
}
