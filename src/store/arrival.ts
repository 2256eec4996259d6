/** A blob on its way into a store: written beside, hashed as it comes, then moved into place. Whoever looks sees all of it or none. */
import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { fail } from "../errors.ts";
import { digestFromHex, hexOf } from "../oci/digest.ts";
import type { BlobIdentity } from "./blob.ts";
import type { Layout } from "./layout.ts";

/**
 * Takes the bytes of the blob that is expected, or of one whose digest is known only when they have come. When they fail to come
 * nothing is left of them. @throws STORE_BLOB_DAMAGED where others come than were expected, and what their reading throws
 */
export async function receive(
  layout: Layout,
  bytes: AsyncIterable<Uint8Array>,
  expected?: BlobIdentity,
): Promise<BlobIdentity> {
  const incoming = path.join(layout.directory, ".incoming");
  await mkdir(incoming, { recursive: true });
  const called = expected === undefined ? "unknown" : hexOf(expected.digest);
  // Runs in two containers may have the same process number.
  const unique = `${called}.${process.pid}.${randomBytes(4).toString("hex")}`;
  const temporary = path.join(incoming, unique);
  try {
    const checked = expected === undefined ? bytes : notMore(bytes, expected, layout);
    const blob = await write(temporary, checked);
    if (expected !== undefined) refuseOther(blob, expected, layout);
    await chmod(temporary, 0o444);
    // Also over one that is there: the bytes of these are known to be right.
    await rename(temporary, layout.path(blob.digest));
    return blob;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function write(file: string, bytes: AsyncIterable<Uint8Array>): Promise<BlobIdentity> {
  const opened = await open(file, "wx");
  try {
    const hash = createHash("sha256");
    let size = 0;
    for await (const chunk of bytes) {
      size += chunk.byteLength;
      hash.update(chunk);
      await opened.writeFile(chunk);
    }
    return { digest: digestFromHex(hash.digest("hex")), size };
  } finally {
    await opened.close();
  }
}

/** Ends at once where too much comes: it may never end by itself. */
async function* notMore(
  bytes: AsyncIterable<Uint8Array>,
  expected: BlobIdentity,
  layout: Layout,
): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const chunk of bytes) {
    received += chunk.byteLength;
    if (received > expected.size)
      throw damaged(expected, layout, `more than its ${expected.size} bytes came`);
    yield chunk;
  }
}

function refuseOther(came: BlobIdentity, expected: BlobIdentity, layout: Layout): void {
  if (came.size < expected.size)
    throw damaged(expected, layout, `${came.size} of its ${expected.size} bytes came`);
  if (came.digest !== expected.digest)
    throw damaged(expected, layout, `the bytes that came are ${came.digest}`);
}

function damaged({ digest }: BlobIdentity, layout: Layout, problem: string) {
  return fail("STORE_BLOB_DAMAGED", { digest, path: layout.path(digest), problem });
}
