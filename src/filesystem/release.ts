/** Gives back memory that nobody reads any more, without waiting for the garbage collector: all of the buffer that it is a part of. */
export function release({ buffer }: ArrayBufferView): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
