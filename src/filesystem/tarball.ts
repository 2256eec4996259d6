/** Writes tar archives (POSIX.1-2017, pax, "ustar Interchange Format") for what an engine reads from a pipe, and for files. */
import { Readable } from "node:stream";
import { blockBytes } from "./tar/header.ts";
import { writeHeader } from "./tar/write.ts";

/** One file of an archive. */
export interface TarFile {
  /** Its path, with `/` and without a leading one: 100 bytes at most. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Permission bits; default 0o644. */
  readonly mode?: number;
  /** The memory of the chunks is the reader's, who may overwrite it or give it back. */
  open(): AsyncIterable<Uint8Array>;
}

/** The archive as it is written, one file after the other, in bounded memory. A file that cannot be read fails the stream. */
export function tarball(files: readonly TarFile[]): Readable {
  return Readable.from(tarChunks(files), { objectMode: false });
}

/** A small file whose bytes are at hand. */
export function tarFile(name: string, content: Uint8Array | string, mode = 0o644): TarFile {
  const bytes = Buffer.from(content);
  return {
    name,
    size: bytes.byteLength,
    mode,
    async *open() {
      yield new Uint8Array(bytes);
    },
  };
}

const endBytes = 2 * blockBytes;

/** The same as chunks. Equal files give equal bytes, whenever and whoever writes them. The memory of the chunks is the reader's. */
export async function* tarChunks(
  files: Iterable<TarFile>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const file of files) {
    const { name, size, mode = 0o644 } = file;
    yield writeHeader({ name, size, mode });
    let left = size;
    for await (const chunk of file.open()) {
      left -= chunk.byteLength;
      if (left < 0) throw new RangeError(`${name} has more than its ${size} bytes`);
      yield chunk;
    }
    if (left > 0) throw new RangeError(`${name} ends ${left} bytes too early`);
    const padding = -size & (blockBytes - 1);
    if (padding > 0) yield new Uint8Array(padding);
  }
  yield new Uint8Array(endBytes);
}
