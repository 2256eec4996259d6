import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import { isFailure } from "../errors.ts";
import { digestOf, hexOf } from "../oci/digest.ts";
import { type Descriptor, descriptorOf, mediaTypes } from "../oci/document.ts";
import { openLayout } from "./layout.ts";

const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2 }));
const document = descriptorOf(mediaTypes.manifest, bytes, digestOf(bytes));

/** A layout as another tool writes it. */
async function layoutOf(t: TestContext, entries: readonly Descriptor[] = []): Promise<string> {
  const directory = await temporaryDirectory(t);
  const blobs = path.join(directory, "blobs", "sha256");
  await mkdir(blobs, { recursive: true });
  await writeFile(path.join(blobs, hexOf(document.digest)), bytes);
  await writeFile(path.join(directory, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  const index = { schemaVersion: 2, manifests: entries };
  await writeFile(path.join(directory, "index.json"), JSON.stringify(index));
  return directory;
}

const named = (name: string | undefined, tag: string, size: number): Descriptor => ({
  ...document,
  size,
  annotations: {
    ...(name === undefined ? {} : { "io.containerd.image.name": name }),
    "org.opencontainers.image.ref.name": tag,
  },
});

test("an image is found by its full name, else by its tag; the newest wins", async (t) => {
  const layout = await openLayout(
    await layoutOf(t, [
      named("docker.io/library/app:1", "1", 1),
      named("docker.io/library/other:1", "1", 2),
      named(undefined, "bare", 3),
      named("docker.io/library/app:1", "1", 4),
    ]),
  );
  assert.equal((await layout.find("docker.io/library/app:1"))?.size, 4);
  assert.equal((await layout.find("docker.io/library/other:1"))?.size, 2);
  assert.equal((await layout.find("1"))?.size, 4);
  assert.equal((await layout.find("bare"))?.size, 3);
  assert.equal(await layout.find("app"), undefined);
  const [first] = await layout.names();
  assert.deepEqual([first?.name, first?.tag], ["docker.io/library/app:1", "1"]);
});

test("a full name in the place of the tag, as buildx 0.13 writes it, is the name", async (t) => {
  const full = "docker.io/library/app:1";
  const written = [named(undefined, full, 1), named(undefined, "team/app:1", 2)];
  const layout = await openLayout(await layoutOf(t, written));
  assert.deepEqual(
    (await layout.names()).map(({ name, tag }) => [name, tag]),
    [
      [full, "1"],
      [undefined, "team/app:1"],
    ],
  );
  assert.equal((await layout.find(full))?.size, 1);
  assert.equal((await layout.find("team/app:1"))?.size, 2);
});

test("a layout without index.json has no names", async (t) => {
  const directory = await temporaryDirectory(t);
  await writeFile(path.join(directory, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  assert.deepEqual(await (await openLayout(directory)).names(), []);
});

test("a document is read whole and held against its digest", async (t) => {
  const layout = await openLayout(await layoutOf(t));
  assert.deepEqual(Buffer.from(await layout.read(document)), bytes);
  assert.deepEqual(await buffer(layout.open(document)), bytes);
  await writeFile(layout.path(document.digest), Buffer.alloc(bytes.length));
  await assert.rejects(layout.read(document), (error) => isFailure(error, "STORE_BLOB_DAMAGED"));
  await assert.rejects(buffer(layout.open(document)), (error) =>
    isFailure(error, "STORE_BLOB_DAMAGED"),
  );
});

test("whether a blob is there is told by its file and its size", async (t) => {
  const layout = await openLayout(await layoutOf(t));
  const { digest, size } = document;
  assert.equal(await layout.has(digest), true);
  assert.equal(await layout.has(digest, size), true);
  assert.equal(await layout.has(digest, size + 1), false);
  assert.equal(await layout.has(digestOf("another")), false);
  await mkdir(layout.path(digestOf("a directory")));
  assert.equal(await layout.has(digestOf("a directory")), false);
});

const isTooLarge = (error: unknown) => isFailure(error, "STORE_BLOB_TOO_LARGE");

test("a document larger than any real one is not read", async (t) => {
  const layout = await openLayout(await layoutOf(t));
  await assert.rejects(layout.read({ ...document, size: 2 ** 40 }), isTooLarge);
  await assert.rejects(layout.read(document, { limit: bytes.length - 1 }), isTooLarge);
});

test("what is no layout of version 1.0.0 is refused, with the reason", async (t) => {
  const problems: readonly (readonly [content: string, problem: RegExp])[] = [
    ['{"imageLayoutVersion":"2.0.0"}', /its layout version is 2\.0\.0/],
    ["{}", /names no version/],
    ["null", /names no version/],
    ['{"imageLayoutVersion":"1.', /names no version/],
  ];
  const directory = await layoutOf(t);
  for (const [content, problem] of problems) {
    await writeFile(path.join(directory, "oci-layout"), content);
    await assert.rejects(
      openLayout(directory),
      (error) => isFailure(error, "STORE_LAYOUT_UNKNOWN") && problem.test(error.message),
    );
  }
  for (const [none, problem] of [
    [await temporaryDirectory(t), /no file oci-layout/],
    [path.join(directory, "absent"), /no such directory/],
  ] as const) {
    await assert.rejects(
      openLayout(none),
      (error) => isFailure(error, "STORE_LAYOUT_UNKNOWN") && problem.test(error.message),
    );
  }
});

test("a file is no directory", async (t) => {
  const file = path.join(await temporaryDirectory(t), "file");
  await writeFile(file, "");
  await assert.rejects(openLayout(file), (error) => isFailure(error, "STORE_NOT_DIRECTORY"));
});
