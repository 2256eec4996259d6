/** Names one after the other, as bytes, with a NUL behind each. */
import { readText } from "../tar/field.ts";
import type { GrowingBytes } from "./growing.ts";

/** Adds a name as its archive wrote it. */
export function writeName(bytes: GrowingBytes, name: string): void {
  if (name.isWellFormed()) bytes.write(name);
  else bytes.add(originalBytes(name));
  bytes.write("\0");
}

export interface Names {
  readonly length: number;
  at(n: number): string;
}

/** The names again. */
export function namesOf(bytes: Buffer): Names {
  const ends = endsOf(bytes);
  return {
    length: ends.length,
    at: (n) => readText(bytes, n === 0 ? 0 : (ends[n - 1] ?? 0) + 1, ends[n] ?? 0),
  };
}

/** Where each name ends. */
function endsOf(bytes: Buffer): Uint32Array {
  let count = 0;
  for (let at = bytes.indexOf(0); at !== -1; at = bytes.indexOf(0, at + 1)) count += 1;
  const ends = new Uint32Array(count);
  let at = -1;
  for (let n = 0; n < count; n++) {
    at = bytes.indexOf(0, at + 1);
    ends[n] = at;
  }
  return ends;
}

/** Undoes what {@link readText} makes of bytes that are no UTF-8. */
function originalBytes(name: string): Uint8Array {
  const parts = Array.from(name, (character) => {
    const code = character.charCodeAt(0);
    const isEscaped = character.length === 1 && code >= 0xdc80 && code <= 0xdcff;
    return isEscaped ? Uint8Array.of(code - 0xdc00) : Buffer.from(character);
  });
  return Buffer.concat(parts);
}
