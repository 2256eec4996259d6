import assert from "node:assert/strict";
import { openSync, writeFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { temporaryDirectory } from "../../../test/directory.ts";
import type { Entry, EntryType } from "../entry.ts";
import { sliceWriter } from "../slices.ts";
import { columnsWriter, contentText } from "./columns.ts";
import { columnList } from "./list.ts";

const names = fc.constantFrom("a", "b", "usr", "lib", "é", "\udcff", "\udcc3x");
const paths = fc.array(names, { maxLength: 4 }).map((parts) => parts.join("/"));
const owners = fc.constantFrom(0, 1000, 2 ** 40);
/** As literals are, which come back. */
const usual = { noNullPrototype: true } as const;
const common = {
  path: paths,
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: owners,
  gid: owners,
  size: fc.maxSafeNat(),
};
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ ...common, type: fc.constantFrom<EntryType>("file", "directory", "device") }, usual),
  fc.record(
    { ...common, type: fc.constant("file" as const), hasCapabilities: fc.constant(true) },
    usual,
  ),
  fc.record(
    { ...common, type: fc.constantFrom<EntryType>("symlink", "link"), target: paths },
    usual,
  ),
);

test("entries come back as they were added, and their paths in parts", () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 60 }), (added) => {
      const writer = columnsWriter(sliceWriter(undefined, 0));
      for (const [n, one] of added.entries()) assert.equal(writer.add(one), n);
      const list = columnList(writer.finish(), sliceWriter(undefined, 0));
      assert.equal(list.length, added.length);
      for (const [n, one] of added.entries()) {
        assert.deepEqual(list.entry(n), one);
        const slash = one.path.lastIndexOf("/");
        assert.equal(list.paths.at(n), one.path);
        assert.equal(list.paths.last(n), one.path.slice(slash + 1));
        assert.equal(list.paths.above(n), one.path.slice(0, Math.max(slash, 0)));
        const isBeside = n > 0 && list.paths.above(n) === list.paths.above(n - 1);
        assert.equal(list.paths.isBeside(n), isBeside);
      }
    }),
  );
});

test("the path of a directory is there once for what lies in it", () => {
  const writer = columnsWriter(sliceWriter(undefined, 0));
  const file: Entry = { path: "", type: "file", mode: 0o644, uid: 0, gid: 0, size: 1 };
  const weights = ["usr/lib/a", "usr/lib/b", "usr/lib", "usr/lib/c"].map((name) => {
    const one = { ...file, path: name };
    const weight = writer.weight(one);
    writer.add(one);
    return weight;
  });
  assert.deepEqual(weights, [9, 1, 7, 9]);
  const { directories, names: text, modes } = writer.finish();
  assert.equal(directories.toString(), "usr/lib\0usr\0usr/lib\0");
  assert.equal(text.toString(), "a\0b\0lib\0c\0");
  assert.equal(modes.length, 1);
});

test("contents are told in any order, and of some entries only", () => {
  const writer = columnsWriter(sliceWriter(undefined, 0));
  const file: Entry = { path: "", type: "file", mode: 0o755, uid: 0, gid: 0, size: 1 };
  for (const name of ["a", "b", "c", "d"]) writer.add({ ...file, path: name });
  writer.tell(2, contentText({ kind: "text", text: "of c" }), undefined);
  writer.tell(0, contentText({ kind: "text", text: "of a" }), 7);
  const list = columnList(writer.finish(), sliceWriter(undefined, 0));
  const told = [0, 1, 2, 3].map((n) => {
    const { content, symbols } = list.entry(n);
    return [content?.kind === "text" ? content.text : undefined, symbols?.slice];
  });
  assert.deepEqual(told, [
    ["of a", 7],
    [undefined, undefined],
    ["of c", undefined],
    [undefined, undefined],
  ]);
});

test("contents go to the file of their shelf, and come back from it or not at all", async (t) => {
  const file = path.join(await temporaryDirectory(t), "shelf");
  const shelf = sliceWriter(openSync(file, "w+"), 0);
  const writer = columnsWriter(shelf);
  const texts = Array.from({ length: 300 }, (_, n) => `${n} `.repeat(200));
  for (const [n, text] of texts.entries()) {
    writer.add({ path: String(n), type: "file", mode: 0o644, uid: 0, gid: 0, size: 1 });
    writer.tell(n, contentText({ kind: "text", text }), undefined);
  }
  const columns = writer.finish();
  assert.ok(columns.contentBlocks.length >= 2);
  assert.ok(columns.contentText.length < 70_000);
  const list = columnList(columns, shelf);
  assert.deepEqual(
    texts.map((_, n) => list.entry(n).content),
    texts.map((text) => ({ kind: "text", text })),
  );
  writeFileSync(file, "something else");
  assert.throws(() => columnList(columns, shelf), RangeError);
  shelf.close();
});
