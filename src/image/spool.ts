/** What cannot be read where it is (a stream, a compressed archive), written once into a temporary directory. */
import { open, statfs } from "node:fs/promises";
import path from "node:path";
import { addAbortSignal, Readable } from "node:stream";
import { fail, type TransshipError } from "../errors.ts";
import { formatSize } from "../oci/size.ts";
import { isSystemError } from "../process/system-error.ts";

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
  const opened = await open(file, "wx");
  let written = 0;
  try {
    for await (const chunk of abortable(content, signal)) {
      signal.throwIfAborted();
      written += chunk.byteLength;
      if (written > limit) throw full(where, `more than ${formatSize(limit)}`, free);
      // A chunk's bytes may be gone as soon as the next one is asked for.
      await opened.writeFile(chunk);
    }
    return file;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (isSystemError(error, "ENOSPC")) throw full(where, "more", free);
    throw error;
  } finally {
    await opened.close();
  }
}

/** A stream ends with the signal, whether something comes or not. */
function abortable(
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  return content instanceof Readable ? addAbortSignal(signal, content) : content;
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
