/**
 * zstd that stores: one frame of raw blocks (RFC 8878, 3.1.1), for what is compressed already. It costs no more than copying, and its
 * bytes hang on the content alone; what a compressor writes may be others with its next version.
 */

import { releaseWhole } from "./pages.ts";

/** The most that a block may have, and the window that goes with it (RFC 8878, 3.1.1.2.4). */
export const storedBlockBytes = 128 * 1024;

/** Magic number; a descriptor that promises neither content size nor checksum; a window of 128 KiB. */
const frameHeader = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38]);
const blockHeaderBytes = 3;
/** Blocks that are handed on as one chunk: a way through a thread for each would take longer than its bytes. */
const blocksAtOnce = 8;

/**
 * The frame as it comes, the same however the content is cut. The content's memory is given back as it is copied; that of the chunks is
 * the reader's.
 */
export async function* storedZstd(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  yield Buffer.from(frameHeader);
  let chunk = emptyChunk();
  let start = 0;
  let end = blockHeaderBytes;
  for await (const bytes of content) {
    for (let at = 0; at < bytes.byteLength;) {
      // A block is closed when more comes behind it: only the last one is told to be the last.
      if (end - start === blockHeaderBytes + storedBlockBytes) {
        writeHeader(chunk, start, end, false);
        start = end;
        if (start === chunk.length) {
          yield chunk;
          chunk = emptyChunk();
          start = 0;
        }
        end = start + blockHeaderBytes;
      }
      const room = start + blockHeaderBytes + storedBlockBytes - end;
      const part = bytes.subarray(at, at + room);
      chunk.set(part, end);
      end += part.byteLength;
      at += part.byteLength;
    }
    releaseWhole(bytes);
  }
  writeHeader(chunk, start, end, true);
  yield chunk.subarray(0, end);
}

function emptyChunk(): Buffer {
  return Buffer.allocUnsafe(blocksAtOnce * (blockHeaderBytes + storedBlockBytes));
}

/** Whether it is the last, its type (0: raw) and its size (RFC 8878, 3.1.1.2). */
function writeHeader(chunk: Buffer, start: number, end: number, isLast: boolean): void {
  const size = end - start - blockHeaderBytes;
  chunk.writeUIntLE(size * 8 + (isLast ? 1 : 0), start, blockHeaderBytes);
}
