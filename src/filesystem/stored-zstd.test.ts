import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import { zstdDecompressSync } from "node:zlib";
import { storedBlockBytes, storedZstd } from "./stored-zstd.ts";
import { unpack } from "./unpack/unpack.ts";

async function stored(content: Uint8Array, pieces: number): Promise<Buffer> {
  const size = Math.max(1, Math.ceil(content.byteLength / pieces));
  const cut = Array.from({ length: pieces }, (_, n) => {
    return new Uint8Array(content.subarray(n * size, (n + 1) * size));
  });
  return await buffer(storedZstd(Readable.from(cut)));
}

for (const length of [
  0,
  1,
  storedBlockBytes,
  storedBlockBytes + 1,
  8 * storedBlockBytes,
  3_000_000,
]) {
  test(`${length} bytes are stored in a frame that unpacks to them, however they come`, async () => {
    const content = randomBytes(length);
    const whole = await stored(content, 1);
    assert.deepEqual(await stored(content, 7), whole);
    assert.deepEqual(zstdDecompressSync(whole), content);
    const blocks = Math.max(1, Math.ceil(length / storedBlockBytes));
    assert.equal(whole.length, 6 + 3 * blocks + length);
  });
}

test("our own reader takes it as any other zstd", async () => {
  const content = randomBytes(400_000);
  const source = Readable.from([await stored(content, 3)]);
  const undoubting = { doubt: () => {}, reserve: async () => {} };
  const signal = new AbortController().signal;
  assert.deepEqual(await buffer(unpack(source, { signal, ...undoubting })), content);
});

test("one that is cut short does not unpack", async () => {
  const whole = await stored(randomBytes(400_000), 2);
  assert.throws(() => zstdDecompressSync(whole.subarray(0, 131_072 + 9)));
});
