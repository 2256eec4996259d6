import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { type UnpackOptions, unpack } from "./unpack.ts";

const { signal } = new AbortController();
const text = Buffer.alloc(5000, "transship ");
const gzip = gzipSync(text);
const zstd = zstdCompressSync(text);
/** A frame that is to be skipped: four bytes of whatever (RFC 8878, 3.1.2). */
const skipped = Buffer.from("502a4d1804000000deadbeef", "hex");

function source(bytes: Uint8Array, piece = bytes.length || 1): Readable {
  function* pieces() {
    for (let at = 0; at < bytes.length; at += piece)
      yield Buffer.from(bytes.subarray(at, at + piece));
  }
  return Readable.from(pieces(), { objectMode: false });
}

interface Unpacked {
  readonly bytes: Buffer;
  readonly doubts: readonly string[];
  readonly windows: readonly number[];
}

async function unpacked(
  from: Readable,
  options: Pick<Partial<UnpackOptions>, "limits" | "signal"> = {},
): Promise<Unpacked> {
  const chunks: Buffer[] = [];
  const doubts: string[] = [];
  const windows: number[] = [];
  const doubt = (sentence: string) => doubts.push(sentence);
  const reserve = async (bytes: number) => void windows.push(bytes);
  // Copies: a chunk is there until the next one is asked for.
  for await (const chunk of unpack(from, { signal, doubt, reserve, ...options }))
    chunks.push(Buffer.from(chunk));
  return { bytes: Buffer.concat(chunks), doubts, windows };
}

const readable: Readonly<Record<string, readonly [packed: Buffer, copies: number]>> = {
  "what is not packed": [text, 1],
  nothing: [Buffer.alloc(0), 0],
  gzip: [gzip, 1],
  "gzip of several members": [Buffer.concat([gzip, gzip, gzip]), 3],
  zstd: [zstd, 1],
  "zstd of several frames": [Buffer.concat([zstd, zstd, zstd]), 3],
  "zstd with frames to skip": [Buffer.concat([skipped, zstd, skipped, skipped, zstd, skipped]), 2],
  "zstd with a checksum": [
    Buffer.concat(
      [0, 1].map(() => zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })),
    ),
    2,
  ],
};
for (const [what, [packed, copies]] of Object.entries(readable)) {
  test(`${what} is unpacked, in whatever pieces it comes`, async () => {
    const expected = Buffer.concat(Array.from({ length: copies }, () => text));
    for (const piece of [1, 7, 1000, packed.length || 1]) {
      const { bytes, doubts } = await unpacked(source(packed, piece));
      assert.ok(bytes.equals(expected));
      assert.deepEqual(doubts, []);
    }
  });
}

test("zeros behind gzip are passed over, and said", async () => {
  const { bytes, doubts } = await unpacked(source(Buffer.concat([gzip, Buffer.alloc(3000)])));
  assert.ok(bytes.equals(text));
  assert.deepEqual(doubts, ["3000 zeros follow its gzip stream, which some engines refuse."]);
});

const garbage = Buffer.from("something else");
const damaged: Readonly<Record<string, Buffer>> = {
  "gzip cut short": gzip.subarray(0, -5),
  "gzip with something behind it": Buffer.concat([gzip, garbage]),
  "gzip with zeros and gzip behind it": Buffer.concat([gzip, Buffer.alloc(600), gzip]),
  "gzip of a wrong checksum": Buffer.concat([gzip.subarray(0, -8), Buffer.alloc(8)]),
  "a second member cut short": Buffer.concat([gzip, gzip.subarray(0, 12)]),
  "zstd cut short": zstd.subarray(0, -5),
  "a second frame cut short": Buffer.concat([zstd, zstd.subarray(0, 9)]),
  "zstd with something behind it": Buffer.concat([zstd, garbage]),
  "a zstd block of no type": Buffer.from("28b52ffd2000070000", "hex"),
};
for (const [what, packed] of Object.entries(damaged)) {
  test(`${what} is an error`, async () => {
    for (const piece of [3, packed.length]) await assert.rejects(unpacked(source(packed, piece)));
  });
}

/** A zstd frame of blocks that are one byte repeated, 128 KiB from four bytes (RFC 8878, 3.1.1.2.2), and of that window. */
function zstdBomb(blocks: number, windowLog = 17): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3]);
  const block = Buffer.from([0b010, 0, 0x10, 0]);
  const last = Buffer.from([0b011, 0, 0x10, 0]);
  return Buffer.concat([header, ...Array.from({ length: blocks - 1 }, () => block), last]);
}

test("zstd asks for its window first, and for one that is too large it is not unpacked", async () => {
  const { windows, bytes } = await unpacked(source(zstdBomb(2, 23)));
  assert.equal(bytes.length, 2 ** 18);
  assert.deepEqual(windows, [2 ** 23]);
  await assert.rejects(unpacked(source(zstdBomb(2, 27))), /its zstd window has 128 MiB/);
  await assert.rejects(unpacked(source(zstdBomb(2, 41))), /its zstd window has 2097152 MiB/);
});

test("a bomb ends where its ratio or its size is beyond all that is real", async () => {
  const bomb = zstdBomb(400);
  const limits = { bytes: 2 ** 40, ratio: 1200, ratioBegins: 2 ** 40 };
  assert.equal((await unpacked(source(bomb), { limits })).bytes.length, 400 * 2 ** 17);
  const small = { ...limits, ratioBegins: 2 ** 24 };
  await assert.rejects(unpacked(source(bomb), { limits: small }), /more than 1200 times its size/);
  const few = { ...limits, bytes: 2 ** 20 };
  await assert.rejects(unpacked(source(bomb), { limits: few }), /more than 1048576 bytes/);
});

test("the source's own error is the one that is told", async () => {
  const broken = new Readable({
    read() {
      this.push(Buffer.from(gzip.subarray(0, 30)));
      this.destroy(new Error("the wire was cut"));
    },
  });
  await assert.rejects(unpacked(broken), /the wire was cut/);
});

test("the signal ends it with its reason, also where the source gives nothing any more, and the source is closed", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();
  const silent = new Readable({ read: () => {} });
  silent.push(gzip.subarray(0, 20));
  setImmediate(() => controller.abort(reason));
  await assert.rejects(unpacked(silent, { signal: controller.signal }), reason);
  assert.ok(silent.destroyed);
});

test("whoever stops in the midst closes the source", async () => {
  const whole = source(gzip, 10);
  const options = { signal, doubt: () => {}, reserve: async () => {} };
  for await (const chunk of unpack(whole, options)) if (chunk.length > 0) break;
  assert.ok(whole.destroyed);
});

test("random bytes behind each magic number end, with bytes or an error", async () => {
  const magics = [
    gzip.subarray(0, 10),
    zstd.subarray(0, 4),
    zstd.subarray(0, 12),
    skipped.subarray(0, 8),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...magics),
      fc.uint8Array({ maxLength: 400 }),
      fc.integer({ min: 1, max: 300 }),
      async (magic, rest, piece) => {
        const packed = Buffer.concat([magic, rest]);
        const ended = await unpacked(source(packed, piece)).catch((error: unknown) => error);
        assert.ok(ended instanceof Error || ended !== undefined);
      },
    ),
    { numRuns: 150 },
  );
});
