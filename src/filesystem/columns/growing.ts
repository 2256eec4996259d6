/**
 * Arrays whose length is not known before: they double when they are full. What is not filled of a large one is memory that
 * nobody has touched, and takes none.
 */
import { release } from "../release.ts";

type Numbers = Float64Array | Int32Array;

export interface Growing<Type extends Numbers> {
  push(value: number): void;
  set(index: number, value: number): void;
  /** What is in it. */
  finish(): Type;
}

const firstLength = 1024;

export function growing<Type extends Numbers>(
  make: (length: number) => Type,
  cut: (array: Type, length: number) => Type,
): Growing<Type> {
  let array = make(firstLength);
  let length = 0;
  return {
    push(value) {
      if (length === array.length) {
        const larger = make(2 * length);
        larger.set(array);
        release(array);
        array = larger;
      }
      array[length] = value;
      length += 1;
    },
    set(index, value) {
      array[index] = value;
    },
    finish: () => cut(array, length),
  };
}

export interface GrowingBytes {
  readonly length: number;
  /** Adds a text as UTF-8. */
  write(text: string): void;
  add(bytes: Uint8Array): void;
  finish(): Buffer;
}

export function growingBytes(): GrowingBytes {
  let buffer = Buffer.allocUnsafeSlow(64 * firstLength);
  let length = 0;
  function reserve(more: number): void {
    if (length + more <= buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * buffer.length, length + more));
    buffer.copy(larger, 0, 0, length);
    release(buffer);
    buffer = larger;
  }
  return {
    get length() {
      return length;
    },
    write(text) {
      // No character of UTF-16 takes more than three bytes.
      reserve(3 * text.length);
      length += buffer.write(text, length);
    },
    add(bytes) {
      reserve(bytes.length);
      buffer.set(bytes, length);
      length += bytes.length;
    },
    finish: () => buffer.subarray(0, length),
  };
}
