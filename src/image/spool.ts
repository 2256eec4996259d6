/** What cannot be read where it is (a stream, a compressed archive), written once into a temporary directory. */
import { createWriteStream } from "node:fs";
import { statfs } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { fail, type TransshipError } from "../errors.ts";
import { formatSize } from "../oci/size.ts";
import { isSystemError } from "../store/blob.ts";

/** What is left to others on the same disk. */
const reserveBytes = 256 * 1024 * 1024;

/**
 * Writes the content into the file `archive.tar` of that directory, and never the disk full.
 * @throws TEMPORARY_FULL, the content's errors, the signal's reason
 */
export async function spool(
  content: AsyncIterable<Uint8Array>,
  directory: string,
  signal: AbortSignal,
): Promise<string> {
  const file = path.join(directory, "archive.tar");
  const where = path.dirname(directory);
  const free = await freeBytes(directory);
  const limit = Math.floor(free - Math.min(reserveBytes, free / 10));
  let written = 0;
  const meter = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      written += chunk.byteLength;
      if (written > limit) throw full(where, `more than ${formatSize(limit)}`, free);
      yield chunk;
    }
  };
  try {
    await pipeline(content, meter, createWriteStream(file), { signal });
    return file;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (isSystemError(error, "ENOSPC")) throw full(where, "more", free);
    throw error;
  }
}

/** @throws TEMPORARY_FULL where so many bytes have no room in that directory */
export async function needSpace(bytes: number, directory: string): Promise<void> {
  const free = await freeBytes(directory);
  if (bytes > free) throw full(directory, formatSize(bytes), free);
}

/** Bytes that an ordinary user may write there. */
async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

function full(directory: string, needed: string, free: number): TransshipError {
  return fail("TEMPORARY_FULL", {
    directory,
    needed,
    free: formatSize(free),
  });
}
