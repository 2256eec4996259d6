import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { temporaryDirectory } from "../../test/directory.ts";
import { ignoreFileOf } from "./ignore-file.ts";
import { IgnoreFileError, isIgnored } from "./ignore.ts";

async function contextWith(t: TestContext, files: Readonly<Record<string, string>>) {
  const directory = await temporaryDirectory(t);
  for (const [name, text] of Object.entries(files))
    await writeFile(path.join(directory, name), text);
  return directory;
}

test("the Dockerfile's own ignore file goes before the context's", async (t) => {
  const directory = await contextWith(t, { "web.dockerignore": "a", ".dockerignore": "b" });
  const [own, usual] = ["web.dockerignore", ".dockerignore"].map((name) =>
    path.join(directory, name),
  );
  assert.equal((await ignoreFileOf(directory, path.join(directory, "web"))).path, own);
  assert.equal((await ignoreFileOf(directory, path.join(directory, "api"))).path, usual);
  assert.equal((await ignoreFileOf(directory, "-")).path, usual);
});

test("a file is read with its patterns; where none is it has none, and the usual place", async (t) => {
  const directory = await contextWith(t, { ".dockerignore": "\u{feff}docs\n" });
  const found = await ignoreFileOf(directory, "-");
  assert.ok("patterns" in found && isIgnored("docs/a", found.patterns));
  const empty = await temporaryDirectory(t);
  const usual = { path: path.join(empty, ".dockerignore"), patterns: [] };
  assert.deepEqual(await ignoreFileOf(empty, "-"), usual);
  await mkdir(usual.path);
  assert.deepEqual(await ignoreFileOf(empty, "-"), usual);
});

test("a file that is too large or has a bad pattern is told with its error", async (t) => {
  const bad = await ignoreFileOf(await contextWith(t, { ".dockerignore": "a\n[" }), "-");
  assert.ok("error" in bad && bad.error instanceof IgnoreFileError);
  const large = { ".dockerignore": "a\n".repeat(600_000) };
  const refused = await ignoreFileOf(await contextWith(t, large), "-");
  assert.ok("error" in refused && refused.error instanceof RangeError);
});
