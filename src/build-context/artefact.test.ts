import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { parsePlatform } from "../platform/platform.ts";
import { artefactKind, type ArtefactKind, isCrossCompiled, mayBeNative } from "./artefact.ts";

const kinds: readonly (readonly [string, readonly string[], ArtefactKind | undefined])[] = [
  ["node_modules", [], "node"],
  ["packages/a/node_modules", [], "node"],
  ["environment", ["bin", "pyvenv.cfg"], "python"],
  ["target", ["CACHEDIR.TAG", "debug"], "rust"],
  ["out", [".rustc_info.json"], "rust"],
  ["target", ["classes"], undefined],
  [".pytest_cache", ["CACHEDIR.TAG"], undefined],
  ["vendor/bundle", ["ruby"], "ruby"],
  ["app/vendor/bundle", [], "ruby"],
  ["vendor", ["bundle"], undefined],
  ["src", ["index.js"], undefined],
];

for (const [directory, names, kind] of kinds)
  test(`${directory} with ${names.join(", ") || "anything"} is ${kind ?? "no artefact"}`, () => {
    assert.equal(artefactKind(directory, new Set(names)), kind);
  });

const files: readonly (readonly [ArtefactKind, string, boolean])[] = [
  ["node", "node_modules/a/build/Release/a.node", true],
  ["node", "node_modules/esbuild/bin/esbuild", true],
  ["node", "node_modules/@biomejs/cli-darwin-arm64/biome", true],
  ["node", "node_modules/a/LICENSE", false],
  ["node", "node_modules/a/bin/a.js", false],
  ["node", "node_modules/fsevents/fsevents.node", false],
  ["node", "node_modules/a/android/libs/arm64-v8a/a.so", false],
  ["python", ".venv/lib/python3.12/site-packages/a/_a.cpython-312-darwin.so", true],
  ["python", ".venv/lib/libx.so.1.2", true],
  ["python", ".venv/bin/ruff", true],
  ["python", ".venv/lib/a.py", false],
  ["rust", "target/debug/app", true],
  ["rust", "target/debug/app.d", false],
  ["rust", "target/debug/deps/libmacro.dylib", true],
  ["ruby", "vendor/bundle/ruby/3.3.0/gems/bcrypt-3.1/lib/bcrypt_ext.bundle", true],
];

for (const [kind, file, isOne] of files)
  test(`${file} ${isOne ? "may be" : "is not"} native`, () => {
    assert.equal(mayBeNative(kind, path.dirname(file), path.basename(file)), isOne);
  });

test("what cargo compiled for a platform of the build bears its triple", () => {
  const platforms = [parsePlatform("linux/amd64"), parsePlatform("linux/arm/v7")];
  const triples = [
    "x86_64-unknown-linux-musl",
    "armv7-unknown-linux-gnueabihf",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "debug",
  ];
  assert.deepEqual(
    triples.map((triple) => isCrossCompiled(triple, platforms)),
    [true, true, false, false, false],
  );
});
