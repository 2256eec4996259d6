import assert from "node:assert/strict";
import { open, writeFile } from "node:fs/promises";
import path from "node:path";
import { test, type TestContext } from "node:test";
import fc from "fast-check";
import { temporaryDirectory } from "../../test/directory.ts";
import { joined, tarOf, type TestFiles } from "../../test/image/image.ts";
import { findMember, indexTar } from "./tar-index.ts";

const never = new AbortController().signal;

async function indexed(t: TestContext, archive: Uint8Array, signal = never) {
  const file = path.join(await temporaryDirectory(t), "archive.tar");
  await writeFile(file, archive);
  const handle = await open(file);
  t.after(async () => await handle.close());
  return await indexTar(handle, archive.length, signal);
}

test("every file of an archive is found with its bytes, whatever stands around it", async (t) => {
  const part = fc.stringMatching(/^[a-zA-Z0-9_-]{1,120}$/);
  const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const content = fc.uint8Array({ maxLength: 3000 });
  const files = fc.dictionary(name, content, { minKeys: 1, maxKeys: 40 });
  await fc.assert(
    fc.asyncProperty(files, async (wanted) => {
      const archive = await tarOf(
        Object.fromEntries(Object.entries(wanted).map(([key, bytes]) => [key, { content: bytes }])),
      );
      const index = await indexed(t, archive);
      for (const [key, bytes] of Object.entries(wanted)) {
        const member = findMember(index, `./${key}`);
        assert.ok(member);
        const found = archive.subarray(member.offset, member.offset + member.size);
        assert.deepEqual(Buffer.from(found), Buffer.from(bytes));
      }
    }),
    { numRuns: 40 },
  );
});

test("links lead inside the archive; what is no file, and a circle, is nothing", async (t) => {
  const files: TestFiles = {
    "a/file": "hello",
    "b/": { type: "directory" },
    "b/relative": { type: "symlink", linkname: "../a/./file" },
    "b/absolute": { type: "symlink", linkname: "/a/file" },
    "b/hard": { type: "link", linkname: "a/file" },
    "b/chain": { type: "symlink", linkname: "relative" },
    circle: { type: "symlink", linkname: "circle" },
    lost: { type: "symlink", linkname: "nowhere" },
  };
  const index = await indexed(t, await tarOf(files));
  const file = index.get("a/file");
  for (const name of ["b/relative", "b/absolute", "b/hard", "b/chain", "/b//./chain"])
    assert.equal(findMember(index, name), file, name);
  for (const name of ["b", "circle", "lost", "none"])
    assert.equal(findMember(index, name), undefined, name);
});

test("what follows an archive's end is not read, and of an archive without one nothing is missing", async (t) => {
  const archive = await tarOf({ a: "1" });
  const endless = Buffer.concat([archive, Buffer.alloc(100_000, 7)]);
  assert.equal((await indexed(t, endless)).size, 1);
  assert.equal((await indexed(t, archive.subarray(0, archive.length - 1024))).size, 1);
  assert.equal((await indexed(t, joined(archive, await tarOf({ b: "2" })))).size, 2);
});

test("more files than any image has are refused, and so are names that no system takes", async (t) => {
  const header = (await tarOf({ a: { size: 0 } })).subarray(0, 512);
  const many = Array.from({ length: 20_100 }, (_, n) => renamed(header, `f${n}`));
  await assert.rejects(indexed(t, Buffer.concat(many)), /more than 20000 files/);
  const long = await tarOf({ ["d/".repeat(3000)]: "" });
  await assert.rejects(indexed(t, long), /more than 4096 characters/);
});

test("reading ends with the signal", async (t) => {
  const reason = new Error("enough");
  await assert.rejects(indexed(t, await tarOf({ a: "1" }), AbortSignal.abort(reason)), reason);
});

/** The header with another name, and its checksum. */
function renamed(header: Uint8Array, name: string): Buffer {
  const bytes = Buffer.from(header);
  bytes.fill(0, 0, 100);
  bytes.write(name);
  bytes.fill(" ", 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}
