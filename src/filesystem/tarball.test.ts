import assert from "node:assert/strict";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { extract } from "tar-stream";
import { tarball, tarFile } from "./tarball.ts";

test("an archive holds its files, and the same files give the same bytes", async () => {
  const files = [tarFile("a/b", "hello", 0o755), tarFile("empty", "")];
  const bytes = await buffer(tarball(files));
  assert.deepEqual(await buffer(tarball(files)), bytes);
  const found: [string, number | undefined, string][] = [];
  const archive = extract();
  archive.end(bytes);
  for await (const entry of archive) {
    found.push([entry.header.name, entry.header.mode, (await buffer(entry)).toString()]);
  }
  assert.deepEqual(found, [
    ["a/b", 0o755, "hello"],
    ["empty", 0o644, ""],
  ]);
});

test("a file that cannot be read fails the archive", async () => {
  const broken = {
    name: "x",
    size: 3,
    async *open(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
      throw new Error("gone");
    },
  };
  await assert.rejects(buffer(tarball([broken])), /gone/);
});
