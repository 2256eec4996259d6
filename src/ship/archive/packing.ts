/** How an archive is packed as a whole. */
import { pipeline, Readable } from "node:stream";
import { createZstdCompress } from "node:zlib";
import { storedZstd } from "../../filesystem/stored-zstd.ts";
import type { PlatformImage } from "../../image/image.ts";

/**
 * `stored`: zstd of raw blocks, where the layers are packed already: what a compressor would save of them (0.8 % of an image of 592 MB)
 * is not worth a third of the speed, nor that its bytes may be others with the library's next version. `zstd`: as that library packs it.
 */
export type Packing = "none" | "stored" | "zstd";

/** A compressor's chunks go through a thread and back each. */
const chunkSize = 1024 * 1024;

/** By the name that was asked for, and by whether the layers are packed. */
export function packingFor(name: string, platforms: readonly PlatformImage[]): Packing {
  if (name.endsWith(".tar")) return "none";
  const layers = platforms.flatMap(({ manifest }) => manifest.layers);
  // OCI's types end in +gzip or +zstd, Docker's in .gzip.
  return layers.every(({ mediaType }) => /[+.](?:gzip|zstd)$/.test(mediaType)) ? "stored" : "zstd";
}

/** The archive packed, as it comes. @throws the archive's own errors */
export function packed(
  archive: AsyncIterable<Uint8Array>,
  packing: Packing,
): AsyncIterable<Uint8Array> {
  switch (packing) {
    case "none":
      return archive;
    case "stored":
      return storedZstd(archive);
    case "zstd":
      // What fails is told by the iteration.
      return pipeline(Readable.from(even(archive)), createZstdCompress({ chunkSize }), () => {});
  }
}

/** The same in chunks of one size: what the compressor writes hangs on how its input is cut. */
async function* even(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let chunk = Buffer.allocUnsafe(chunkSize);
  let end = 0;
  for await (const bytes of content) {
    for (let at = 0; at < bytes.byteLength;) {
      const part = bytes.subarray(at, at + chunkSize - end);
      chunk.set(part, end);
      at += part.byteLength;
      end += part.byteLength;
      if (end < chunkSize) continue;
      yield chunk;
      chunk = Buffer.allocUnsafe(chunkSize);
      end = 0;
    }
  }
  if (end > 0) yield chunk.subarray(0, end);
}
