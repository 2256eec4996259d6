/** One blob to the registry in memory, whose connections break and which refuses. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { test, type TestContext } from "node:test";
import { fail, isFailure } from "../errors.ts";
import { digestOf } from "../oci/digest.ts";
import {
  type Fault,
  type MemoryRegistryOptions,
  startMemoryRegistry,
} from "../../test/registry/memory.ts";
import { createTransport } from "./transport.ts";
import { type BlobContent, type ChunkTerms, uploadBlob } from "./upload.ts";

const million = 1_000_000;
const bytes = randomBytes(5 * million);

interface Wishes extends MemoryRegistryOptions {
  readonly faults?: readonly Fault[];
  readonly chunks?: ChunkTerms;
  readonly open?: BlobContent["open"];
}

/** The blob of five million bytes, in chunks of a million where nothing else is wished. */
async function upload(t: TestContext, { faults = [], chunks, open, ...options }: Wishes = {}) {
  const registry = await startMemoryRegistry(options);
  t.after(registry.close);
  registry.faults.push(...faults);
  const transport = createTransport({
    registry: registry.host,
    signal: t.signal,
    report: () => {},
    credentials: async () => ({ kind: "none", reason: "a test has none" }),
    patience: { attempts: 3, firstPauseMs: 1, longestPauseMs: 10 },
  });
  const terms = chunks ?? { areTaken: true, size: million };
  const digest = digestOf(bytes);
  let sent = 0;
  const ended = await uploadBlob(transport, {
    repository: "app",
    blob: { digest, size: bytes.length, open: open ?? (async () => Readable.from(inPieces())) },
    scope: ["repository:app:pull,push"],
    chunks: terms,
    isThere: async () => registry.blobs.has(digest),
    onSent: (count) => (sent += count),
  }).catch((error: unknown) => error);
  const count = (method: string) =>
    registry.requests.filter((line) => line.startsWith(`${method} /v2/app/blobs/uploads/`)).length;
  const isWhole = registry.blobs.get(digest)?.equals(bytes) ?? false;
  return { ended, sent, count, isWhole, terms };
}

/** In pieces of no particular size, so that chunks begin and end within them. */
function* inPieces() {
  for (let at = 0; at < bytes.length; at += 300_007) yield bytes.subarray(at, at + 300_007);
}

const cutAt = (cutInBody: number, times = 1, method = "PATCH"): Fault => ({
  method,
  path: /uploads/,
  answer: { cutInBody },
  times,
});

test("what is larger than a chunk goes in chunks, read once", async (t) => {
  let opened = 0;
  const open = async () => {
    opened += 1;
    return Readable.from(inPieces());
  };
  const { ended, sent, count, isWhole } = await upload(t, { open });
  assert.deepEqual([ended, isWhole, sent], ["sent", true, bytes.length]);
  assert.deepEqual([count("POST"), count("PATCH"), count("PUT"), opened], [1, 5, 1, 1]);
});

test("a chunk that broke off is gone on with at the registry's offset", async (t) => {
  const { ended, sent, count, isWhole } = await upload(t, { faults: [cutAt(600_000)] });
  assert.deepEqual([ended, isWhole], ["sent", true]);
  assert.deepEqual([count("POST"), count("GET")], [1, 1]);
  // No byte that the registry had went again, but for what was on its way when the connection broke.
  assert.ok(sent <= bytes.length + 400_000, String(sent));
});

test("a whole blob that broke off goes on in chunks", async (t) => {
  const { ended, sent, count, isWhole } = await upload(t, {
    faults: [cutAt(3_500_000, 1, "PUT")],
    chunks: { areTaken: true, size: 64 * million },
  });
  assert.deepEqual([ended, isWhole], ["sent", true]);
  assert.deepEqual([count("POST"), count("PATCH"), count("PUT")], [1, 1, 2]);
  assert.ok(sent <= bytes.length + 1_500_000, String(sent));
});

test("an upload that gets on may break more often than one that does not", async (t) => {
  const chunks = { areTaken: true, size: 2 * million };
  const gets = await upload(t, { chunks, faults: [cutAt(1_100_000, 4)] });
  assert.deepEqual([gets.ended, gets.isWhole], ["sent", true]);
  const stuck = await upload(t, { chunks, faults: [cutAt(10_000, 9)] });
  assert.ok(isFailure(stuck.ended, "REGISTRY_UNREACHABLE"), String(stuck.ended));
});

test("a registry that forgets what broke off gets the blob anew", async (t) => {
  const { ended, count, isWhole } = await upload(t, {
    uploads: "forgotten",
    faults: [cutAt(600_000)],
  });
  assert.deepEqual([ended, isWhole], ["sent", true]);
  assert.deepEqual([count("POST"), count("GET"), count("PUT")], [2, 1, 1]);
});

test("one that forgets everything each time is not asked for ever", async (t) => {
  const chunks = { areTaken: true, size: 2 * million };
  const faults = [cutAt(1_500_000, 99)];
  const { ended, count } = await upload(t, { uploads: "forgotten", chunks, faults });
  assert.ok(isFailure(ended, "REGISTRY_UNREACHABLE"), String(ended));
  assert.equal(count("POST"), 3);
});

test("between two chunks an upload is gone on with everywhere", async (t) => {
  const { ended, sent, count, isWhole } = await upload(t, {
    uploads: "forgotten",
    faults: [{ method: "PATCH", path: /uploads/, answer: 503, times: 2 }],
  });
  assert.deepEqual([ended, isWhole, count("POST")], ["sent", true, 1]);
  assert.equal(sent, 7 * million);
});

test("a registry without chunks gets this blob and those that follow whole", async (t) => {
  const { ended, count, isWhole, terms } = await upload(t, { uploads: "whole" });
  assert.deepEqual([ended, isWhole, terms.areTaken], ["sent", true, false]);
  assert.deepEqual([count("PATCH"), count("PUT")], [1, 1]);
  const next = await upload(t, { uploads: "whole", chunks: terms });
  assert.deepEqual([next.ended, next.count("PATCH"), next.count("POST")], ["sent", 0, 1]);
});

test("chunks that are too large become smaller, and stay so", async (t) => {
  const mebibyte = 1024 * 1024;
  const chunks = { areTaken: true, size: 16 * mebibyte };
  const { ended, count, isWhole, terms } = await upload(t, { chunks, bodyLimit: mebibyte });
  assert.deepEqual([ended, isWhole, terms.size], ["sent", true, mebibyte]);
  // The whole, chunks of 4 and of 2 MiB were refused, five of 1 MiB were not.
  assert.deepEqual([count("PUT"), count("PATCH")], [2, 7]);
});

test("a limit below every chunk is told", async (t) => {
  const { ended } = await upload(t, { bodyLimit: 1000 });
  assert.ok(isFailure(ended, "REGISTRY_REJECTED"), String(ended));
  assert.equal(ended.facts["status"], 413);
});

test("the answer to the end may be lost as well", async (t) => {
  const lost = { method: "PUT", path: /uploads/, answer: "cut", afterwards: true } as const;
  const { ended, sent, count } = await upload(t, { faults: [lost] });
  assert.deepEqual([ended, sent, count("PUT")], ["present", bytes.length, 1]);
});

test("a blob that cannot be read is called so, and not the registry", async (t) => {
  const digest = digestOf(bytes);
  const damaged = fail("STORE_BLOB_DAMAGED", { digest, path: "blob", problem: "it is short" });
  for (const size of [million, 64 * million]) {
    const open = async () =>
      Readable.from(
        (async function* () {
          yield bytes.subarray(0, 2 * million);
          throw damaged;
        })(),
      );
    const { ended, isWhole } = await upload(t, { open, chunks: { areTaken: true, size } });
    assert.deepEqual([ended, isWhole], [damaged, false]);
  }
});
