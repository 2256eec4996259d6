import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { directoryWith } from "../../test/directory.ts";
import { elf } from "../../test/image/image.ts";
import { createContext } from "../context.ts";
import { formatPlatform, parsePlatform } from "../platform/platform.ts";
import { contextReader } from "./context.ts";
import { lint } from "./lint.ts";

/** `e_machine`. */
const arm64 = elf(183);
const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);
const addon = "node_modules/a/build/a.node";

async function read(directory: string, dockerfile = "Dockerfile") {
  const readContext = contextReader(platforms, new AbortController().signal);
  return await readContext(directory, path.join(directory, dockerfile));
}

test("a context is what is sent: the project's files, and what is installed beside them", async (t) => {
  const directory = await directoryWith(t, {
    ".dockerignore": "docs\n",
    "package.json": "",
    "web/package.json": "",
    "web/index.js": "",
    "docs/package.json": "",
    "node_modules/b/package.json": "",
    [addon]: arm64,
    ".venv/pyvenv.cfg": "",
  });
  const found = await read(directory);
  assert.deepEqual(found?.files, new Set(["package.json", "web/package.json"]));
  assert.deepEqual(
    found.artefacts.map((one) => [one.path, one.proof?.path, one.proof?.unfit.map(formatPlatform)]),
    [
      [".venv", undefined, undefined],
      ["node_modules", addon, ["linux/amd64"]],
    ],
  );
  assert.equal(found.ignoreFile.path, path.join(directory, ".dockerignore"));
});

test("the Dockerfile's own ignore file goes before the directory's", async (t) => {
  const directory = await directoryWith(t, {
    "web.dockerignore": "node_modules\n",
    ".dockerignore": "docs\n",
    [addon]: arm64,
  });
  assert.deepEqual((await read(directory, "web"))?.artefacts, []);
  assert.equal((await read(directory, "api"))?.artefacts.length, 1);
});

test("what is left out but for an exception counts by its programs alone", async (t) => {
  const files = { ".dockerignore": "node_modules\n!node_modules/a\n", "node_modules/b/b.js": "" };
  assert.deepEqual((await read(await directoryWith(t, files)))?.artefacts, []);
  const [found] =
    (await read(await directoryWith(t, { ...files, [addon]: arm64 })))?.artefacts ?? [];
  assert.equal(found?.proof?.path, addon);
});

test("links are not followed, and what is no directory is no context", async (t) => {
  const elsewhere = await directoryWith(t, { "a/build/a.node": arm64 });
  const directory = await directoryWith(t, { Dockerfile: "" });
  await symlink(elsewhere, path.join(directory, "node_modules"));
  assert.deepEqual((await read(directory))?.artefacts, []);
  assert.equal(await read(path.join(directory, "Dockerfile")), undefined);
  assert.equal(await read(path.join(directory, "absent")), undefined);
});

test("an ignore file that no builder takes leaves the context unknown", async (t) => {
  const directory = await directoryWith(t, { ".dockerignore": "[\n", [addon]: arm64 });
  assert.equal(await read(directory), undefined);
});

const dockerfile = 'FROM node:22\nWORKDIR /app\nCOPY . .\nCMD ["node", "a.js"]\n';

function named(name: string) {
  return { text: { content: dockerfile, name } };
}

/** The rules that find something. */
async function linted(options: Partial<Parameters<typeof lint>[0]>): Promise<readonly string[]> {
  const { files } = await lint({ platforms, ...options }, createContext());
  return files.flatMap(({ findings }) => findings.map(({ rule }) => rule));
}

test("the context is the directory of the Dockerfile, unless another one is named", async (t) => {
  const directory = await directoryWith(t, { "docker/Dockerfile": dockerfile, [addon]: arm64 });
  const files = [path.join(directory, "docker/Dockerfile")];
  assert.deepEqual(await linted({ files }), []);
  assert.deepEqual(await linted({ files, contextDirectory: directory }), ["R10"]);
});

test("a context that is named has to be there, unless buildx fetches it", async (t) => {
  const directory = await directoryWith(t, { Dockerfile: dockerfile });
  const files = [path.join(directory, "Dockerfile")];
  await assert.rejects(linted({ files, contextDirectory: path.join(directory, "absent") }), {
    code: "CONTEXT_MISSING",
  });
  const contextDirectory = "https://github.com/example/app.git";
  assert.deepEqual(await linted({ files, contextDirectory }), []);
});

test("standard input has the context of the name that it is given", async (t) => {
  const directory = await directoryWith(t, { [addon]: arm64 });
  assert.deepEqual(await linted(named(path.join(directory, "Dockerfile"))), ["R10"]);
  assert.deepEqual(await linted(named(path.join(directory, "absent/Dockerfile"))), []);
});
