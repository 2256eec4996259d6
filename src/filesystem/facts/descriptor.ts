/** Bytes at a place of an open file, at once: they are few, and in the page cache. */
import { readSync, writeSync } from "node:fs";

/** As many of them as the file has, in memory of their own. @throws the system's errors */
export function readAt(descriptor: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  let at = 0;
  while (at < length) {
    const read = readSync(descriptor, bytes, at, length - at, offset + at);
    if (read === 0) break;
    at += read;
  }
  return bytes.subarray(0, at);
}

/** All of them. @throws the system's errors */
export function writeAt(descriptor: number, bytes: Uint8Array, offset: number): void {
  for (let at = 0; at < bytes.byteLength;)
    at += writeSync(descriptor, bytes, at, bytes.byteLength - at, offset + at);
}
