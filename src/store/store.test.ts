import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "../../test/directory.ts";
import { isFailure } from "../errors.ts";
import { digestOf } from "../oci/digest.ts";
import { type Descriptor, descriptorOf, mediaTypes } from "../oci/document.ts";
import { openLayout } from "./layout.ts";
import { openStore } from "./store.ts";

const writer = fileURLToPath(new URL("../../test/store/writer.ts", import.meta.url));
const content = Buffer.from("the content of a layer");
const blob = { digest: digestOf(content), size: content.length };
const isRoot = process.getuid?.() === 0;

function manifest(text: string): Descriptor {
  const bytes = Buffer.from(text);
  return descriptorOf(mediaTypes.manifest, bytes, digestOf(bytes));
}

test("a new store is an OCI layout, and opening it again changes nothing", async (t) => {
  const directory = path.join(await temporaryDirectory(t), "deep", "store");
  const store = await openStore(directory);
  assert.equal(store.directory, directory);
  assert.deepEqual(await (await openLayout(directory)).names(), []);
  const before = await stat(path.join(directory, "oci-layout"));
  await openStore(directory);
  assert.equal((await stat(path.join(directory, "oci-layout"))).ino, before.ino);
});

test("runs that make the store at the same time all get it", async (t) => {
  const directory = path.join(await temporaryDirectory(t), "store");
  const stores = await Promise.all(
    Array.from({ length: 8 }, async () => await openStore(directory)),
  );
  assert.equal(stores.length, 8);
  assert.deepEqual((await readdir(directory)).toSorted(), ["blobs", "oci-layout"]);
});

test("what is no directory of ours is left alone, with the reason", async (t) => {
  const parent = await temporaryDirectory(t);
  const file = path.join(parent, "file");
  await writeFile(file, "");
  for (const one of [file, path.join(file, "store")])
    await assert.rejects(openStore(one), (error) => isFailure(error, "STORE_NOT_DIRECTORY"));

  const newer = path.join(parent, "newer");
  await mkdir(newer);
  await writeFile(path.join(newer, "oci-layout"), '{"imageLayoutVersion":"2.0.0"}');
  const foreign = path.join(parent, "foreign");
  await mkdir(foreign);
  await writeFile(path.join(foreign, "thesis.tex"), "");
  for (const [one, problem] of [
    [newer, /its layout version is 2\.0\.0/],
    [foreign, /no file oci-layout.*thesis\.tex/],
  ] as const) {
    const before = await readdir(one);
    await assert.rejects(
      openStore(one),
      (error) => isFailure(error, "STORE_LAYOUT_UNKNOWN") && problem.test(error.message),
    );
    assert.deepEqual(await readdir(one), before);
  }
});

test("a store whose making was cut short is made whole", async (t) => {
  const directory = await temporaryDirectory(t);
  await mkdir(path.join(directory, "blobs"));
  await writeFile(path.join(directory, "oci-layout.123.abc"), "");
  await openStore(directory);
  await openLayout(directory);
});

const isNotWritable = (error: unknown) =>
  isFailure(error, "STORE_NOT_WRITABLE") && /sudo chown/.test(error.hint);

test(
  "a directory that may not be written says whose it must be",
  { skip: isRoot ? "root may write everywhere" : false },
  async (t) => {
    const parent = await temporaryDirectory(t);
    const directory = path.join(parent, "store");
    await chmod(parent, 0o500);
    await assert.rejects(openStore(directory), isNotWritable);
    await chmod(parent, 0o700);
    const store = await openStore(directory);
    await chmod(directory, 0o500);
    await chmod(path.join(directory, "blobs", "sha256"), 0o500);
    await assert.rejects(openStore(directory), isNotWritable);
    await assert.rejects(store.write(mediaTypes.manifest, content), isNotWritable);
    await assert.rejects(store.name("docker.io/library/app:1", manifest("a")), isNotWritable);
    await assert.rejects(store.lock("shared", { purpose: "a test" }), isNotWritable);
    await chmod(path.join(directory, "blobs", "sha256"), 0o700);
    await chmod(directory, 0o700);
  },
);

test("a blob is written once, read-only, and read back", async (t) => {
  const store = await openStore(await temporaryDirectory(t));
  await store.writeBlob(blob, Readable.from([content.subarray(0, 5), content.subarray(5)]));
  assert.deepEqual(Buffer.from(await store.read(blob)), content);
  assert.equal((await stat(store.path(blob.digest))).mode & 0o777, 0o444);
  const unread = Readable.from([content]);
  await store.writeBlob(blob, unread);
  assert.equal(unread.readableDidRead, false);
  await store.discard(blob.digest);
  await store.discard(blob.digest);
  assert.equal(await store.has(blob.digest), false);
});

test("bytes that are not what their digest says get no place, and leave nothing", async (t) => {
  const store = await openStore(await temporaryDirectory(t));
  const wrong: readonly (readonly [Buffer, RegExp])[] = [
    [Buffer.alloc(content.length), /the bytes that came are sha256:/],
    [content.subarray(1), /21 of its 22 bytes came/],
    [Buffer.concat([content, content]), /more than its 22 bytes came/],
  ];
  for (const [bytes, problem] of wrong) {
    await assert.rejects(
      store.writeBlob(blob, Readable.from([bytes])),
      (error) => isFailure(error, "STORE_BLOB_DAMAGED") && problem.test(error.message),
    );
  }
  await assert.rejects(
    store.writeBlob(
      blob,
      Readable.from(
        (function* () {
          yield content.subarray(0, 3);
          throw new Error("the connection broke");
        })(),
      ),
    ),
    /the connection broke/,
  );
  assert.equal(await store.has(blob.digest), false);
  assert.deepEqual(await readdir(path.join(store.directory, ".incoming")), []);
});

test("a blob of unknown digest is told what it is, and stands there also in the place of a damaged one", async (t) => {
  const store = await openStore(await temporaryDirectory(t));
  const pieces = () => Readable.from([content.subarray(0, 5), content.subarray(5)]);
  assert.deepEqual(await store.receiveBlob(pieces()), blob);
  assert.deepEqual(Buffer.from(await store.read(blob)), content);
  assert.equal((await stat(store.path(blob.digest))).mode & 0o777, 0o444);
  await store.discard(blob.digest);
  await writeFile(store.path(blob.digest), content.toReversed());
  await store.receiveBlob(pieces());
  assert.deepEqual(Buffer.from(await store.read(blob)), content);
  assert.deepEqual(await readdir(path.join(store.directory, ".incoming")), []);
});

test("of a blob of unknown digest that does not come to its end nothing is left", async (t) => {
  const store = await openStore(await temporaryDirectory(t));
  const broken = Readable.from(
    (function* () {
      yield content;
      throw new Error("the connection broke");
    })(),
  );
  await assert.rejects(store.receiveBlob(broken), /the connection broke/);
  assert.equal(await store.has(blob.digest), false);
  assert.deepEqual(await readdir(path.join(store.directory, ".incoming")), []);
});

test("the same blob from many at once stands there once, whole", async (t) => {
  const store = await openStore(await temporaryDirectory(t));
  await Promise.all(
    Array.from({ length: 8 }, async () => await store.writeBlob(blob, Readable.from([content]))),
  );
  assert.deepEqual(Buffer.from(await store.read(blob)), content);
  assert.deepEqual(await readdir(path.join(store.directory, ".incoming")), []);
});

test("a blob of the wrong size is replaced", async (t) => {
  const store = await openStore(await temporaryDirectory(t));
  await writeFile(store.path(blob.digest), "cut");
  await store.writeBlob(blob, Readable.from([content]));
  assert.deepEqual(Buffer.from(await store.read(blob)), content);
});

test("a name moves to what it was given last, and can be taken away", async (t) => {
  const store = await openStore(await temporaryDirectory(t));
  const name = "docker.io/library/app:1";
  await store.name(name, manifest("one"));
  await store.name("docker.io/library/other:1", manifest("two"));
  await store.name(name, manifest("three"));
  assert.equal((await store.find(name))?.digest, manifest("three").digest);
  assert.deepEqual(
    (await store.names()).map((one) => [one.name, one.tag]),
    [
      ["docker.io/library/other:1", "1"],
      [name, "1"],
    ],
  );
  const isMeant = ({ digest }: Descriptor) => digest === manifest("three").digest;
  assert.equal(await store.unname(isMeant), 1);
  assert.equal(await store.unname(isMeant), 0);
  assert.equal(await store.find(name), undefined);
});

test("names that several processes give at once are all there", async (t) => {
  const directory = path.join(await temporaryDirectory(t), "store");
  const [writers, each] = [4, 15];
  const ends = Array.from({ length: writers }, async (_, n) => {
    const args = [writer, directory, `writer${n}`, String(each)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    await once(child, "exit");
    assert.equal(child.exitCode, 0);
  });
  await Promise.all(ends);
  const names = new Set((await (await openStore(directory)).names()).map(({ name }) => name));
  assert.equal(names.size, writers * each);
});

const isDamaged = (error: unknown) => isFailure(error, "STORE_INDEX_DAMAGED");

test("a damaged index.json stops a new name, and stays as it is", async (t) => {
  const store = await openStore(await temporaryDirectory(t));
  const file = path.join(store.directory, "index.json");
  await writeFile(file, '{"schemaVersion":2,"mani');
  await assert.rejects(store.name("docker.io/library/app:1", manifest("a")), isDamaged);
  await assert.rejects(store.find("1"), isDamaged);
  assert.equal(await readFile(file, "utf8"), '{"schemaVersion":2,"mani');
  assert.deepEqual(await readdir(path.join(store.directory, ".lock")), []);
});

test("an exclusive lock keeps readers out until it is released", async (t) => {
  const store = await openStore(await temporaryDirectory(t));
  const own = await store.lock("exclusive", { purpose: "a test" });
  await assert.rejects(
    store.lock("shared", { purpose: "another", deadlineMs: 0 }),
    (error) => isFailure(error, "STORE_LOCKED") && error.facts["directory"] === store.directory,
  );
  await own.release();
  await (await store.lock("shared", { purpose: "another", deadlineMs: 0 })).release();
});
