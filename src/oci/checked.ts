/** Bytes on their way, held against the digest that they were asked for by. */
import { createHash } from "node:crypto";
import { type Digest, digestFromHex } from "./digest.ts";

export interface CheckOptions {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** The error for other bytes; `problem` is one part of a sentence: `its bytes are sha256:…`. */
  readonly differs: (problem: string) => Error;
}

/** Hands the bytes on; the last step of the iteration throws when size or digest differ, and one that is too much at once. */
export async function* checked(
  content: AsyncIterable<Uint8Array>,
  { digest, size, differs }: CheckOptions,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let left = size;
  for await (const chunk of content) {
    left -= chunk.byteLength;
    if (left < 0) throw differs(`it has more than ${size} bytes`);
    hash.update(chunk);
    yield chunk;
  }
  if (left > 0) throw differs(`it ends ${left} bytes too early`);
  const actual = digestFromHex(hash.digest("hex"));
  if (actual !== digest) throw differs(`its bytes are ${actual}`);
}
