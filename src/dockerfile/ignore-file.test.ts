import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import { ignoreFilePlaces, readIgnoreFile } from "./ignore-file.ts";
import { IgnoreFileError, isIgnored } from "./ignore.ts";

test("the Dockerfile's own ignore file goes before the context's", () => {
  assert.deepEqual(ignoreFilePlaces("app", "docker/Dockerfile"), [
    "docker/Dockerfile.dockerignore",
    "app/.dockerignore",
  ]);
  assert.deepEqual(ignoreFilePlaces(".", "-"), [".dockerignore"]);
});

test("a file is read with its patterns; what is not there, or no file, is none", async (t) => {
  const directory = await temporaryDirectory(t);
  const place = path.join(directory, ".dockerignore");
  assert.equal(await readIgnoreFile(place), undefined);
  await writeFile(place, "\u{feff}docs\n");
  const found = await readIgnoreFile(place);
  assert.equal(found?.path, place);
  assert.ok(isIgnored("docs/a", found.patterns));
  await mkdir(path.join(directory, "directory"));
  assert.equal(await readIgnoreFile(path.join(directory, "directory")), undefined);
});

test("a file that is too large or has a bad pattern is refused", async (t) => {
  const place = path.join(await temporaryDirectory(t), ".dockerignore");
  await writeFile(place, "a\n[");
  await assert.rejects(readIgnoreFile(place), IgnoreFileError);
  await writeFile(place, "a\n".repeat(600_000));
  await assert.rejects(readIgnoreFile(place), RangeError);
});
