/** Arrays whose length is not known before: they grow where they are, to twice as much when they are full. */
import { growingPages } from "../pages.ts";

type Numbers = Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

interface Growing<Type extends Numbers> {
  push(value: number): void;
  /** What is in it. */
  finish(): Type;
}

const firstBytes = 64 * 1024;
/** More than the entries of an image may need (`memoryBudget`). As long as nobody writes to it, it takes no memory. */
const mostBytes = 256 * 2 ** 20;

export function growingFloats(): Growing<Float64Array<ArrayBuffer>> {
  return growing(
    (buffer) => new Float64Array(buffer),
    (array, length) => array.subarray(0, length),
  );
}

export function growingIntegers(): Growing<Int32Array<ArrayBuffer>> {
  return growing(
    (buffer) => new Int32Array(buffer),
    (array, length) => array.subarray(0, length),
  );
}

/** `make` makes an array of all of a buffer, however long that comes to be. */
function growing<Type extends Numbers>(
  make: (buffer: ArrayBuffer) => Type,
  cut: (array: Type, length: number) => Type,
): Growing<Type> {
  const buffer = growingPages(firstBytes, mostBytes);
  const array = make(buffer);
  let length = 0;
  return {
    push(value) {
      if (length === array.length) buffer.resize(2 * buffer.byteLength);
      array[length] = value;
      length += 1;
    },
    finish: () => cut(array, length),
  };
}

export interface GrowingBytes {
  readonly length: number;
  /** Adds a text as UTF-8. */
  write(text: string): void;
  add(bytes: Uint8Array): void;
  /** Begins anew: what {@link GrowingBytes.finish} has returned is overwritten. */
  clear(): void;
  finish(): Buffer;
}

export function growingBytes(): GrowingBytes {
  const buffer = growingPages(firstBytes, mostBytes);
  let bytes = Buffer.from(buffer, 0, firstBytes);
  let length = 0;
  function reserve(more: number): void {
    if (length + more <= bytes.length) return;
    buffer.resize(Math.max(2 * bytes.length, length + more));
    bytes = Buffer.from(buffer, 0, buffer.byteLength);
  }
  return {
    get length() {
      return length;
    },
    write(text) {
      // No character of UTF-16 takes more than three bytes.
      reserve(3 * text.length);
      length += bytes.write(text, length);
    },
    add(more) {
      reserve(more.length);
      bytes.set(more, length);
      length += more.length;
    },
    clear() {
      length = 0;
    },
    finish: () => bytes.subarray(0, length),
  };
}
