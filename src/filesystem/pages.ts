/**
 * Memory that comes from the system, and goes back to it at once. Usual buffers come from the C library, which keeps much of
 * what it gets back, in pieces that nothing fits into (mallopt(3), `M_MMAP_THRESHOLD`); an ArrayBuffer that may grow is mapped by V8 itself
 * (`src/objects/backing-store.cc`, `TryAllocateAndPartiallyCommitMemory`).
 */

/** So many bytes, all zero, of which only those that are written to are there at all. */
export function pages(bytes: number): Buffer<ArrayBuffer> {
  return Buffer.from(growingPages(bytes, bytes), 0, bytes);
}

/** Bytes that may grow where they are, by `resize`, to as many as `most`. */
export function growingPages(bytes: number, most: number): ArrayBuffer {
  return new ArrayBuffer(bytes, { maxByteLength: most });
}

/** Gives back memory that nobody reads any more, without waiting for the garbage collector: all of the buffer that it is a part of. */
export function release({ buffer }: ArrayBufferView): void {
  if (!(buffer instanceof ArrayBuffer)) return;
  if (buffer.resizable) buffer.resize(0);
  else buffer.transfer(0);
}

/** The same, unless the bytes are only a part of what somebody else may hold. */
export function releaseWhole(bytes: ArrayBufferView): void {
  if (bytes.byteLength === bytes.buffer.byteLength) release(bytes);
}
