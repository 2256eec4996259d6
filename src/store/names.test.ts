import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import { isFailure } from "../errors.ts";
import { digestOf } from "../oci/digest.ts";
import { type Descriptor, mediaTypes } from "../oci/document.ts";
import { annotations, changeNames, type Entry, readNames, sameName } from "./names.ts";

const never = new AbortController().signal;

function descriptor(name: string): Descriptor {
  return {
    mediaType: mediaTypes.manifest,
    digest: digestOf(name),
    size: 1,
    annotations: { [annotations.imageName]: name, [annotations.refName]: "1" },
  };
}

function add(name: string) {
  const added = descriptor(name);
  return (entries: readonly Entry[]) => [
    ...entries.filter((entry) => !sameName(entry.descriptor, added)),
    { descriptor: added, written: added },
  ];
}

async function namesIn(directory: string): Promise<readonly (string | undefined)[]> {
  const { entries } = await readNames(directory);
  return entries.map((one) => one.annotations?.[annotations.imageName]);
}

const index = (...names: readonly string[]) =>
  JSON.stringify({ schemaVersion: 2, manifests: names.map(descriptor) });

test("a missing and an empty index.json have no entries, and take one", async (t) => {
  const directory = await temporaryDirectory(t);
  assert.deepEqual(await namesIn(directory), []);
  await writeFile(path.join(directory, "index.json"), "");
  assert.deepEqual(await namesIn(directory), []);
  await changeNames(directory, add("a"), never);
  assert.deepEqual(await namesIn(directory), ["a"]);
});

test("an index.json that cannot be read is called damaged, and is left as it is", async (t) => {
  const directory = await temporaryDirectory(t);
  const file = path.join(directory, "index.json");
  const garbage: readonly (string | Buffer)[] = [
    index("a").slice(0, -7),
    "no JSON",
    Buffer.from([0, 255, 254]),
    "[]",
    '{"schemaVersion":2}',
    '{"schemaVersion":2,"manifests":[{"mediaType":"a/b","size":1,"digest":"sha256:../../x"}]}',
  ];
  for (const content of garbage) {
    await writeFile(file, content);
    const isDamaged = (error: unknown) =>
      isFailure(error, "STORE_INDEX_DAMAGED") && error.facts["path"] === file;
    await assert.rejects(readNames(directory), isDamaged);
    await assert.rejects(changeNames(directory, add("b"), never), isDamaged);
    assert.deepEqual(await readFile(file), Buffer.from(content));
  }
});

test("an index.json that another program began with a byte order mark is read", async (t) => {
  const directory = await temporaryDirectory(t);
  await writeFile(path.join(directory, "index.json"), `\uFEFF${index("a")}`);
  assert.deepEqual(await namesIn(directory), ["a"]);
});

test("what nothing here knows survives a change", async (t) => {
  const directory = await temporaryDirectory(t);
  const file = path.join(directory, "index.json");
  const foreign = { ...descriptor("a"), urls: ["https://example.org"], "x-key": 1 };
  const document = { schemaVersion: 2, manifests: [foreign], "x-document": { kept: true } };
  await writeFile(file, JSON.stringify(document));
  await changeNames(directory, add("b"), never);
  const manifests = [foreign, descriptor("b")];
  assert.deepEqual(JSON.parse(await readFile(file, "utf8")), { ...document, manifests });
});

test("an entry that a build writes into the file while it is replaced is not lost", async (t) => {
  const directory = await temporaryDirectory(t);
  const file = path.join(directory, "index.json");
  await writeFile(file, index("a"));
  let calls = 0;
  await changeNames(
    directory,
    (entries) => {
      calls += 1;
      // It has the old file open: what it writes is in no file that has a name when the new one stands there.
      if (calls === 1) writeFileSync(file, index("a", "theirs"));
      return add("ours")(entries);
    },
    never,
  );
  assert.equal(calls, 2);
  assert.deepEqual(new Set(await namesIn(directory)), new Set(["a", "ours", "theirs"]));
  assert.equal((await namesIn(directory)).length, 3);
});

test("a lock file that a killed build left is waited for only briefly", async (t) => {
  const directory = await temporaryDirectory(t);
  const file = path.join(directory, "index.json");
  await writeFile(file, index("a"));
  await writeFile(`${file}.lock`, "");
  await changeNames(directory, add("b"), never);
  assert.deepEqual(await namesIn(directory), ["a", "b"]);
  await rm(`${file}.lock`);
});

test("names are the same when both annotations are", () => {
  assert.equal(sameName(descriptor("a"), descriptor("a")), true);
  assert.equal(sameName(descriptor("a"), descriptor("b")), false);
  const { annotations: _none, ...nameless } = descriptor("a");
  assert.equal(sameName(nameless, nameless), true);
  assert.equal(sameName(nameless, descriptor("a")), false);
});
