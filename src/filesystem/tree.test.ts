import assert from "node:assert/strict";
import { test } from "node:test";
import { type Entry, normalizePath } from "./entry.ts";
import { mergeLayers } from "./tree.ts";

/** `dir/`, `file`, `link -> target`, `hard = target`. */
function entry(text: string): Entry {
  const common = { mode: 0o755, uid: 0, gid: 0, size: 0 };
  const [, symlink, to] = /^(\S+) -> (\S+)$/.exec(text) ?? [];
  if (symlink !== undefined && to !== undefined)
    return { ...common, path: symlink, type: "symlink", target: to };
  const [, hard, of] = /^(\S+) = (\S+)$/.exec(text) ?? [];
  if (hard !== undefined && of !== undefined)
    return { ...common, path: hard, type: "link", target: of };
  return { ...common, path: normalizePath(text), type: text.endsWith("/") ? "directory" : "file" };
}

const merge = (...layers: readonly (readonly string[])[]) =>
  mergeLayers(layers.map((lines) => ({ entries: lines.map(entry) })));

function where(tree: ReturnType<typeof merge>, path: string): string {
  const found = tree.lookup(path);
  return found.outcome === "found" ? `${found.path} of layer ${found.node.layer}` : found.outcome;
}

test("a later layer takes the place of an earlier one's file", () => {
  const tree = merge(["app", "lib/a"], ["app"]);
  assert.equal(where(tree, "/app"), "/app of layer 1");
  assert.equal(where(tree, "/lib/a"), "/lib/a of layer 0");
});

test("a whiteout takes away what lower layers brought, and nothing of its own", () => {
  assert.equal(where(merge(["app"], [".wh.app"]), "/app"), "missing");
  assert.equal(where(merge(["app"], ["app", ".wh.app"]), "/app"), "/app of layer 1");
  assert.equal(where(merge(["a/b/c"], ["a/.wh.b"]), "/a/b/c"), "missing");
});

test("an opaque directory hides all of it that is below", () => {
  const tree = merge(["a/b", "a/c"], ["a/.wh..wh..opq", "a/d"]);
  assert.equal(where(tree, "/a/b"), "missing");
  assert.equal(where(tree, "/a/d"), "/a/d of layer 1");
});

test("links are followed inside the image, relative and absolute, also those of directories", () => {
  const tree = merge([
    "usr/bin/sh -> dash",
    "usr/bin/dash",
    "bin -> usr/bin",
    "etc/link -> /bin/sh",
  ]);
  assert.equal(where(tree, "/bin/sh"), "/usr/bin/dash of layer 0");
  assert.equal(where(tree, "/etc/link"), "/usr/bin/dash of layer 0");
  assert.equal(where(tree, "/bin/../bin/sh"), "/usr/bin/dash of layer 0");
  assert.equal(where(tree, "/../../bin/dash"), "/usr/bin/dash of layer 0");
});

test("links that lead round in a circle are a loop", () => {
  assert.equal(where(merge(["a -> b", "b -> a"]), "/a"), "loop");
});

test("a file that a later layer puts behind a link of a lower one lands where the link leads", () => {
  const tree = merge(["usr/bin/", "bin -> usr/bin"], ["bin/new"]);
  assert.equal(where(tree, "/usr/bin/new"), "/usr/bin/new of layer 1");
});

test("a hard link is the file under another name", () => {
  assert.equal(where(merge(["a", "b = a"]), "/b"), "/b of layer 0");
  const found = merge(["a"], ["b = a"]).lookup("/b");
  assert.equal(found.outcome === "found" ? found.node.entry.type : found.outcome, "file");
});

test("a file in place of a directory takes all of it away", () => {
  const tree = merge(["a/b"], ["a"]);
  assert.equal(where(tree, "/a"), "/a of layer 1");
  assert.equal(where(tree, "/a/b"), "not-a-directory");
});
