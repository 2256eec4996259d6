import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { fail, isFailure } from "../errors.ts";
import { pack, type Packing } from "./pack.ts";

const unpacked = { gzip: gunzipSync, zstd: zstdDecompressSync };
const { signal } = new AbortController();

// Of several chunks, some of which pack and some of which do not.
const content = Buffer.concat([Buffer.alloc(1_000_000, "a layer"), randomBytes(1_500_000)]);

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function packed(bytes: AsyncIterable<Uint8Array>, packing: Packing): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of pack(bytes, { packing, signal })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

for (const packing of ["gzip", "zstd"] as const) {
  test(`what ${packing} packs is the same however it comes, and unpacks to what it was`, async () => {
    const sizes = [700, 100_000, content.length];
    const [one, ...others] = await Promise.all(
      sizes.map(async (size) => await packed(inPieces(content, size), packing)),
    );
    assert.ok(one && one.length < content.length);
    for (const other of others) assert.deepEqual(other, one);
    assert.deepEqual(unpacked[packing](one), content);
  });

  test(`nothing at all is packed by ${packing} as well`, async () => {
    const empty = await packed(inPieces(Buffer.alloc(0), 1), packing);
    assert.deepEqual(unpacked[packing](empty), Buffer.alloc(0));
  });
}

test("gzip's header has neither name nor time", async () => {
  const [, , , flags, ...time] = (await packed(inPieces(content, 9999), "gzip")).subarray(0, 8);
  assert.deepEqual([flags, ...time], [0, 0, 0, 0, 0]);
});

async function* failing(): AsyncGenerator<Uint8Array> {
  yield content;
  throw new Error("its bytes are others");
}

test("bytes that fail at their end fail there packed as well, with their own error", async () => {
  for (const packing of ["gzip", "zstd"] as const)
    await assert.rejects(packed(failing(), packing), /its bytes are others/);
});

/** Bytes that have no end; `isClosed` when nobody wants more of them. */
function endless(): { readonly bytes: AsyncGenerator<Uint8Array>; isClosed: boolean } {
  async function* some(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield randomBytes(100_000);
    } finally {
      source.isClosed = true;
    }
  }
  const source = { bytes: some(), isClosed: false };
  return source;
}

test("a signal ends it with its reason, and closes what the bytes come from", async () => {
  const interruption = new AbortController();
  const source = endless();
  const work = async () => {
    for await (const chunk of pack(source.bytes, { packing: "gzip", signal: interruption.signal }))
      if (chunk.length > 0) interruption.abort(fail("INTERRUPTED", { signal: "SIGINT" }));
  };
  await assert.rejects(work(), (error) => isFailure(error, "INTERRUPTED"));
  await closed(source);
});

test("whoever stops reading closes what the bytes come from", async () => {
  const source = endless();
  for await (const chunk of pack(source.bytes, { packing: "zstd", signal })) {
    assert.ok(chunk.length > 0);
    break;
  }
  await closed(source);
});

/** The test's own deadline ends the waiting. */
async function closed(source: { readonly isClosed: boolean }): Promise<void> {
  while (!source.isClosed) await setImmediate();
}
