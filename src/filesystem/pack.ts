/** A layer's bytes packed as they come, for whoever sends them. */
import { addAbortSignal } from "node:stream";
import { constants, createGzip, createZstdCompress } from "node:zlib";
import type { Compression } from "./unpack/unpack.ts";

export type Packing = Exclude<Compression, "none">;

/** Each chunk is a way through a thread and back. */
const chunkSize = 256 * 1024;
/** How far packing may be ahead of whoever reads what it makes. */
const streamOptions = { chunkSize, readableHighWaterMark: 4 * chunkSize };

/** The levels that BuildKit packs with where it is told none (moby/buildkit, `util/compression`; zstd's is about its library's default). */
const packers = {
  gzip: () => createGzip({ ...streamOptions, level: 6 }),
  zstd: () =>
    createZstdCompress({ ...streamOptions, params: { [constants.ZSTD_c_compressionLevel]: 3 } }),
};

type Packer = ReturnType<(typeof packers)[Packing]>;

/**
 * Packs with bounded memory. The same bytes become the same, however they are cut into chunks: neither name nor time is noted.
 * That holds of one machine and one Node: zlib's matches depend on what the processor can.
 * Where the bytes fail to come, so does the iteration, with their error. @throws what their reading throws, the signal's reason
 */
export async function* pack(
  bytes: AsyncIterable<Uint8Array>,
  { packing, signal }: { readonly packing: Packing; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array, void, undefined> {
  const packer = addAbortSignal(signal, packers[packing]());
  // What its feeding fails with, the packer fails with as well.
  void feed(packer, bytes).catch((error: unknown) => {
    packer.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const chunk of packer) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    packer.destroy();
  }
}

/** Writes the bytes into the packer, the next of them read meanwhile. */
async function feed(packer: Packer, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  let taking: Promise<void> | undefined;
  for await (const chunk of bytes) {
    await taking;
    if (packer.destroyed) return;
    taking = write(packer, chunk);
  }
  // Told of the end before it has taken the last bytes, Node's zstd sometimes writes a second, empty frame behind the first one.
  await taking;
  packer.end();
}

async function write(packer: Packer, chunk: Uint8Array): Promise<void> {
  await new Promise<void>((resolve) => {
    // One that is destroyed calls nobody back.
    packer.once("close", resolve);
    packer.write(chunk, () => {
      packer.off("close", resolve);
      resolve();
    });
  });
}
