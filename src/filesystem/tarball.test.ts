import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { extract } from "tar-stream";
import { temporaryDirectory } from "../../test/directory.ts";
import { readHeader } from "./tar/header.ts";
import { writeHeader } from "./tar/write.ts";
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

test("GNU tar reads it, a file larger than 8 GB too", async (t) => {
  const directory = await temporaryDirectory(t);
  const file = path.join(directory, "a.tar");
  await writeFile(file, await buffer(tarball([tarFile("a/b", "hello", 0o755)])));
  const listed = execFileSync("tar", ["--utc", "-tvf", file]).toString();
  assert.match(listed, /^-rwxr-xr-x 0\/0 +5 1970-01-01 00:00 a\/b\n$/);

  const size = 9 * 2 ** 30;
  const header = writeHeader({ name: "big", size, mode: 0o644 });
  assert.equal(readHeader(header, 0)?.size, size);
  await writeFile(file, header);
  assert.match(spawnSync("tar", ["-tvf", file]).stdout.toString(), / 9663676416 .* big\n/);
});

test("what has another size than it should fails the archive", async () => {
  for (const size of [2, 4]) {
    const file = { ...tarFile("x", "abc"), size };
    await assert.rejects(buffer(tarball([file])), RangeError);
  }
  await assert.rejects(buffer(tarball([tarFile("x".repeat(101), "")])), RangeError);
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

test("a file is closed where nobody reads on", async () => {
  let isClosed = false;
  const endless = {
    name: "x",
    size: 2 ** 30,
    async *open() {
      try {
        for (;;) yield new Uint8Array(100_000);
      } finally {
        isClosed = true;
      }
    },
  };
  const archive = tarball([endless]);
  let read = 0;
  archive.on("data", ({ length }: Buffer) => {
    read += length;
    if (read > 1_000_000) archive.destroy();
  });
  await once(archive, "close");
  assert.ok(isClosed);
});
