import assert from "node:assert/strict";
import { lstatSync, mkdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { arrayList } from "../../test/filesystem/array-list.ts";
import { temporaryDirectory } from "../../test/directory.ts";
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
  mergeLayers(layers.map((lines) => ({ list: arrayList(lines.map(entry)) })));

function where(
  tree: ReturnType<typeof merge>,
  path: string,
  options: Parameters<typeof tree.lookup>[1] = {},
): string {
  const found = tree.lookup(path, options);
  return found.outcome === "found"
    ? `${found.path} of layer ${found.node.layer}`
    : `${found.outcome} ${found.path}`;
}

test("a later layer takes the place of an earlier one's file", () => {
  const tree = merge(["app", "lib/a"], ["app"]);
  assert.equal(where(tree, "/app"), "/app of layer 1");
  assert.equal(where(tree, "/lib/a"), "/lib/a of layer 0");
});

test("a whiteout takes away what lower layers brought, and nothing of its own", () => {
  assert.equal(where(merge(["app"], [".wh.app"]), "/app"), "missing /app");
  assert.equal(where(merge(["app"], ["app", ".wh.app"]), "/app"), "/app of layer 1");
  assert.equal(where(merge(["a/b/c"], ["a/.wh.b"]), "/a/b/c"), "missing /a/b");
});

test("a whiteout is of its exact name, and AUFS's own names take nothing away", () => {
  const tree = merge(["a", "ab", ".wh.plnk"], [".wh.b", ".wh..wh.plnk", ".wh..wh.aufs"]);
  assert.equal(where(tree, "/a"), "/a of layer 0");
  assert.equal(where(tree, "/ab"), "/ab of layer 0");
  assert.deepEqual(
    Array.from(tree.list("/"), ([name]) => name),
    ["a", "ab"],
  );
});

test("an opaque directory hides all of it that is below", () => {
  const tree = merge(["a/b", "a/c"], ["a/d", "a/.wh..wh..opq"]);
  assert.equal(where(tree, "/a/b"), "missing /a/b");
  assert.equal(where(tree, "/a/d"), "/a/d of layer 1");
});

test("a whiteout behind a link of a lower layer takes nothing away: its own directory hides the link", () => {
  const tree = merge(["usr/bin/app", "bin -> usr/bin"], ["bin/.wh.app"]);
  assert.equal(where(tree, "/usr/bin/app"), "/usr/bin/app of layer 0");
  assert.equal(where(tree, "/bin/app"), "missing /bin/app");
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
  const found = tree.lookup("/etc/link");
  assert.deepEqual(found.outcome === "found" && found.links, [
    "/etc/link -> /bin/sh",
    "/bin -> usr/bin",
    "/usr/bin/sh -> dash",
  ]);
});

// path_resolution(7)
const resolved: readonly (readonly [path: string, result: string])[] = [
  ["/", "/ of layer 0"],
  ["", "missing "],
  ["/bin/", "/usr/bin of layer 0"],
  ["/usr/bin/app", "/usr/bin/app of layer 0"],
  ["//usr/./bin///app", "/usr/bin/app of layer 0"],
  ["/usr/bin/app/", "not-a-directory /usr/bin/app"],
  ["/usr/bin/app/.", "not-a-directory /usr/bin/app"],
  ["/usr/bin/app/..", "not-a-directory /usr/bin/app"],
  ["/usr/bin/app/x", "not-a-directory /usr/bin/app"],
  ["/usr/none/../bin/app", "missing /usr/none"],
  ["/bin/..", "/usr of layer 0"],
  ["/..", "/ of layer 0"],
  ["/slash", "/usr of layer 0"],
  ["/file-slash", "not-a-directory /usr/bin/app"],
  ["/dangling", "missing /nowhere"],
  ["/out", "/usr/bin/app of layer 0"],
  ["/self/x", "loop /self"],
  ["/nothing", "missing /nothing"],
];
for (const [path, result] of resolved) {
  test(`${JSON.stringify(path)} leads to ${result}`, () => {
    const tree = merge([
      "usr/",
      "usr/bin/app",
      "bin -> usr/bin",
      "slash -> usr/",
      "file-slash -> usr/bin/app/",
      "dangling -> nowhere",
      "out -> ../../../usr/bin/app",
      "self -> self",
    ]);
    assert.equal(where(tree, path), result);
  });
}

test("a relative path begins at the working directory, and the last link is followed only where it is asked for", () => {
  const tree = merge(["work/app -> ../bin/app", "bin/app"]);
  assert.equal(where(tree, "app", { from: "/work" }), "/bin/app of layer 0");
  assert.equal(where(tree, "./app", { from: "/work/" }), "/bin/app of layer 0");
  assert.equal(where(tree, "bin/app"), "/bin/app of layer 0");
  assert.equal(where(tree, "/bin/app", { from: "/work" }), "/bin/app of layer 0");
  assert.equal(where(tree, "app", { from: "/work", followLast: false }), "/work/app of layer 0");
  assert.equal(
    where(tree, "app/", { from: "/work", followLast: false }),
    "not-a-directory /bin/app",
  );
});

/** Links to links, the first one to a file. */
const chain = (links: number) =>
  merge(["0", ...Array.from({ length: links }, (_, n) => `${n + 1} -> ${n}`)]);

test("forty links are followed, and not one more", () => {
  assert.equal(where(chain(40), "/40"), "/0 of layer 0");
  assert.equal(where(chain(41), "/41"), "loop /1");
});

test("a file that a later layer puts behind a link of a lower one hides the link, and what it led to", () => {
  const tree = merge(["usr/bin/", "usr/bin/old", "bin -> usr/bin"], ["bin/new"]);
  assert.equal(where(tree, "/bin/new"), "/bin/new of layer 1");
  assert.equal(where(tree, "/usr/bin/new"), "missing /usr/bin/new");
  assert.equal(where(tree, "/bin/old"), "missing /bin/old");
});

test("inside one layer a file goes through the layer's own link", () => {
  const tree = merge(["usr/bin/", "bin -> usr/bin", "bin/new"]);
  assert.equal(where(tree, "/usr/bin/new"), "/usr/bin/new of layer 0");
});

test("a hard link is the file under another name", () => {
  assert.equal(where(merge(["a", "b = a"]), "/b"), "/b of layer 0");
  const found = merge(["a"], ["b = a"]).lookup("/b");
  assert.equal(found.outcome === "found" ? found.node.entry.type : found.outcome, "file");
});

test("a hard link stays the file that it was, whatever becomes of its first name", () => {
  const tree = merge(["a", "b = a"], [".wh.a", "c = b"], ["b"]);
  assert.equal(where(tree, "/a"), "missing /a");
  assert.equal(where(tree, "/b"), "/b of layer 2");
  assert.equal(where(tree, "/c"), "/c of layer 1");
  const found = tree.lookup("/c");
  assert.equal(found.outcome === "found" && found.node.entry.path, "a");
});

test("a hard link behind links of directories is found, and one to a link is the link", () => {
  const tree = merge(["usr/lib/x", "lib -> usr/lib", "y = lib/x", "z = lib"]);
  assert.equal(where(tree, "/y"), "/y of layer 0");
  assert.equal(where(tree, "/z/x"), "/usr/lib/x of layer 0");
  assert.deepEqual(tree.problems, []);
});

test("a hard link to what is not there yet, to a directory or to itself is a problem", () => {
  const tree = merge(["a = b", "b", "d/", "c = d", "b = b"]);
  assert.deepEqual(tree.problems, [
    "/a is a hard link to nothing that is there: /b.",
    "/c is a hard link to a directory: /d.",
    "/b stands twice in its layer, which some engines refuse.",
    "/b is a hard link to nothing that is there: /b.",
  ]);
  const found = tree.lookup("/a");
  assert.equal(found.outcome === "found" && found.node.entry.type, "link");
});

function problems(...layers: readonly (readonly string[])[]) {
  return merge(...layers).problems;
}

test("what some engines refuse to unpack is told", () => {
  assert.deepEqual(problems(["a", "a"]), [
    "/a stands twice in its layer, which some engines refuse.",
  ]);
  assert.deepEqual(problems(["d/a"], ["d/.wh.a", "d/a"]), [
    "/d/a and its own whiteout stand in one layer, which engines refuse.",
  ]);
  assert.deepEqual(problems(["a"], ["b = a"]), [
    "/b is a hard link to a file of a lower layer, which engines refuse.",
  ]);
  assert.deepEqual(problems(["a", "d/", "d/"], ["a", "b = a", ".wh.c", "d/"]), []);
});

test("a file in place of a directory takes all of it away, and so does a directory in its place", () => {
  const tree = merge(["a/b"], ["a"]);
  assert.equal(where(tree, "/a"), "/a of layer 1");
  assert.equal(where(tree, "/a/b"), "not-a-directory /a");
  const again = merge(["a/b"], ["a"], ["a/", "a/c"]);
  assert.equal(where(again, "/a/b"), "missing /a/b");
  assert.equal(where(again, "/a/c"), "/a/c of layer 2");
});

test("a directory in place of a link, between two files of the same path, is where the second lands", () => {
  const tree = merge(["usr/", "bin -> usr", "bin/a", "bin/", "bin/b"]);
  assert.equal(where(tree, "/usr/a"), "/usr/a of layer 0");
  assert.equal(where(tree, "/bin/b"), "/bin/b of layer 0");
  assert.equal(where(tree, "/usr/b"), "missing /usr/b");
});

test("a directory keeps what is in it when a later layer only changes its mode", () => {
  const tree = merge(["a/", "a/b"], ["a/"]);
  assert.equal(where(tree, "/a"), "/a of layer 1");
  assert.equal(where(tree, "/a/b"), "/a/b of layer 0");
});

test("a directory is listed, also by a link to it, and what is none lists nothing", () => {
  const tree = merge(["usr/lib/a", "usr/lib/b/", "lib -> usr/lib", "x"]);
  const names = (path: string) => Array.from(tree.list(path), ([name]) => name);
  assert.deepEqual(names("/lib/"), ["a", "b"]);
  assert.deepEqual([names("/x"), names("/none")], [[], []]);
});

test("every regular file is told once, by its real path", () => {
  const tree = merge(["a/b/c", "d", "e -> d", "a/loop -> ..", "f = d"], ["a/.wh.b", "a/g"]);
  assert.deepEqual(Array.from(tree.files(), ({ path }) => path).toSorted(), ["/a/g", "/d", "/f"]);
});

test("what lies behind links in a circle is a problem, and not in the tree", () => {
  const tree = merge(["a -> b", "b -> a", "a/x"]);
  assert.deepEqual(tree.problems, ["/a/x lies in a directory that cannot be made."]);
});

test("links to links to links do not take for ever", () => {
  const far = "a/../".repeat(800);
  const links = Array.from({ length: 39 }, (_, n) => `l${n + 1} -> ${far}l${n}`);
  const files = Array.from({ length: 20_000 }, (_, n) => `l39/${n % 2}/${n}`);
  const tree = merge(["a/", "l0/", ...links, ...files]);
  assert.ok(tree.problems.length > 0);
});

// The real file system is the judge of what a path leads to.
const name = fc.constantFrom("a", "b", "c");
const relative = fc.array(fc.constantFrom("a", "b", "c", "..", "."), {
  minLength: 1,
  maxLength: 4,
});
const line = fc.oneof(
  fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
  fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => `${parts.join("/")}/`),
  fc
    .tuple(fc.array(name, { minLength: 1, maxLength: 3 }), relative)
    .map(([from, to]) => `${from.join("/")} -> ${to.join("/")}`),
);

test("random paths lead where the kernel's own resolution leads", async (t) => {
  const directory = await temporaryDirectory(t);
  let round = 0;
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), relative, fc.boolean(), (lines, parts, slash) => {
      const root = makeRoot(`${directory}/${round++}`);
      const made = lines.filter((text) => makeReal(root, text));
      const path = `${parts.join("/")}${slash ? "/" : ""}`;
      const real = realOutcome(root, `${root}/${path}`);
      const found = merge(made).lookup(`/${path}`);
      const own = found.outcome === "found" ? `found ${found.path}` : found.outcome;
      // The links above the root count as well, so that the kernel may give up earlier.
      if (real !== "loop") assert.equal(own, real);
    }),
    { numRuns: 100 },
  );
});

const levels = Array.from({ length: 9 }, (_, n) => `level${n}`);

/** A directory above which every name leads down into it again, as `..` of a container's root is the root itself. */
function makeRoot(above: string): string {
  let path = above;
  for (const level of levels) {
    mkdirSync(`${path}/${level}`, { recursive: true });
    for (const one of ["a", "b", "c"]) symlinkSync(`${level}/${one}`, `${path}/${one}`);
    path = `${path}/${level}`;
  }
  return path;
}

/** What opening the path gives, its path seen from the root. */
function realOutcome(root: string, path: string): string {
  try {
    statSync(path);
    const real = realpathSync.native(path);
    return `found ${root.startsWith(real) ? "/" : real.slice(root.length)}`;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return { ENOENT: "missing", ELOOP: "loop", ENOTDIR: "not-a-directory" }[code] ?? code;
  }
}

/** Makes the file, directory or link, where nothing is in the way and no parent is a link. */
function makeReal(root: string, text: string): boolean {
  const [, link, target] = /^(\S+) -> (\S+)$/.exec(text) ?? [];
  const path = `${root}/${(link ?? text).replace(/\/$/, "")}`;
  try {
    let parent = root;
    for (const part of dirname(path).slice(root.length).split("/")) {
      parent = `${parent}/${part}`;
      if (lstatSync(parent, { throwIfNoEntry: false })?.isSymbolicLink() === true) return false;
      mkdirSync(parent, { recursive: true });
    }
    if (target !== undefined) symlinkSync(target, path);
    else if (text.endsWith("/")) mkdirSync(path);
    else writeFileSync(path, "", { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}
