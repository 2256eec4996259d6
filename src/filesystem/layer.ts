/** A layer as it streams: unpacked in memory of bounded size, its digests checked, its entries told. */
import { createHash } from "node:crypto";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { extract } from "tar-stream";
import { fail, isFailure } from "../errors.ts";
import { type Digest, digestFromHex } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import type { ContentSource } from "../oci/source.ts";
import { type Entry, entryOf, headBytes, headOf } from "./entry.ts";

/** What is known of a layer after it has been read once. */
export interface LayerFacts {
  /** Of the uncompressed archive (OCI image-spec, config.md, "Layer DiffID"). */
  readonly diffId: Digest;
  /** Bytes of the uncompressed archive. */
  readonly bytes: number;
  readonly entries: readonly Entry[];
}

/** Most entries of one layer that are kept; the largest public images have some 200,000. */
const mostEntries = 2_000_000;

/**
 * Reads a layer of any compression (plain, gzip, zstd), told by its first bytes and not by its label.
 * @throws LAYER_DAMAGED, the source's own errors (a digest or size that differs), the signal's reason
 */
export async function readLayer(
  layer: Descriptor,
  source: ContentSource,
  signal: AbortSignal,
): Promise<LayerFacts> {
  const { stream, compression } = await sniff(await source.open(layer));
  const hash = createHash("sha256");
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      done(undefined, chunk);
    },
  });
  const archive = extract();
  const entries = readEntries(archive);
  try {
    const unpack = decompressor(compression);
    const flow =
      unpack === undefined
        ? pipeline(stream, meter, archive, { signal })
        : pipeline(stream, unpack, meter, archive, { signal });
    const [listed] = await Promise.all([entries, flow]);
    return { diffId: digestFromHex(hash.digest("hex")), bytes, entries: listed };
  } catch (error) {
    // Both sides fail together; the reader's twin must not count as unhandled.
    entries.catch(() => {});
    if (signal.aborted) throw signal.reason;
    if (isFailure(error)) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    throw fail("LAYER_DAMAGED", { digest: layer.digest, problem }, { cause: error });
  }
}

async function readEntries(archive: ReturnType<typeof extract>): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for await (const file of archive) {
    const { header } = file;
    const isProgram = (header.type ?? "file") === "file" && ((header.mode ?? 0) & 0o111) !== 0;
    const head = isProgram ? await headFrom(file) : undefined;
    if (head === undefined) file.resume();
    entries.push(entryOf(header, head));
    if (entries.length > mostEntries)
      throw new RangeError(`it has more than ${mostEntries} entries`);
  }
  return entries;
}

/** The beginning of a file; the rest of it is read and dropped. */
async function headFrom(file: AsyncIterable<unknown>): Promise<Uint8Array> {
  let first = Buffer.alloc(0);
  for await (const chunk of file) {
    if (first.length < headBytes && chunk instanceof Uint8Array)
      first = Buffer.concat([first, chunk]);
  }
  // A copy: a slice would keep the whole chunk in memory.
  return Uint8Array.from(headOf(first.subarray(0, headBytes)));
}

type Compression = "gzip" | "zstd" | "none";

/** Looks at the first bytes and gives the stream back whole. */
async function sniff(stream: Readable): Promise<{ stream: Readable; compression: Compression }> {
  const iterator: AsyncIterator<unknown> = stream[Symbol.asyncIterator]();
  const first = await iterator.next();
  const head =
    first.done !== true && first.value instanceof Uint8Array ? first.value : new Uint8Array();
  async function* whole() {
    try {
      if (first.done !== true) yield first.value;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return {
    stream: Readable.from(whole(), { objectMode: false }),
    compression: compressionOf(head),
  };
}

/** RFC 1952, 2.3.1; RFC 8878, 3.1.1. */
function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  const isZstd = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd;
  return isZstd ? "zstd" : "none";
}

function decompressor(compression: Compression): Transform | undefined {
  switch (compression) {
    case "gzip":
      return createGunzip({ chunkSize: 256 * 1024 });
    case "zstd":
      return createZstdDecompress({ chunkSize: 256 * 1024 });
    case "none":
      return undefined;
  }
}
