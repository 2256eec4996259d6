import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { packed } from "./packing.ts";

const content = randomBytes(3_000_000);

async function pack(name: string, size: number): Promise<Buffer> {
  const parts = Array.from({ length: Math.ceil(content.length / size) }, (_, n) => {
    return new Uint8Array(content.subarray(n * size, (n + 1) * size));
  });
  return await buffer(packed(Readable.from(parts), name));
}

for (const name of ["app.tar", "app.tar.zst", "standard output"]) {
  test(`how the archive comes makes no difference to what is written: ${name}`, async () => {
    const whole = await pack(name, content.length);
    for (const size of [1_007, 65_536, 1_500_000])
      assert.ok((await pack(name, size)).equals(whole), String(size));
    assert.ok((name === "app.tar" ? whole : zstdDecompressSync(whole)).equals(content));
  });

  test(`an archive that fails fails packed as well: ${name}`, async () => {
    await assert.rejects(buffer(packed(broken(), name)), /gone/);
  });
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1_000);
  throw new Error("gone");
}
