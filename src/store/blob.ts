/** Reading a blob so that nothing but the bytes of its digest gets through. */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { fail, isFailure, type TransshipError } from "../errors.ts";
import { type Digest, digestFromHex } from "../oci/digest.ts";
import { isSystemError } from "../process/system-error.ts";

/** What a blob must be: the two words of a descriptor that bind its bytes. */
export interface BlobIdentity {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
}

const chunkBytes = 1024 * 1024;

/**
 * The bytes of a blob's file, as they come; the last step of the iteration throws when size or digest differ, so a
 * reader that must not act on wrong bytes waits for the end.
 * @throws STORE_BLOB_MISSING, STORE_BLOB_DAMAGED
 */
export async function* readBlob(
  { digest, size }: BlobIdentity,
  path: string,
): AsyncGenerator<Buffer, void, undefined> {
  const file = await openBlob({ digest, size }, path);
  try {
    const hash = createHash("sha256");
    let left = size;
    while (left > 0) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, left));
      const { bytesRead } = await file.read(chunk, 0, chunk.length);
      if (bytesRead === 0) throw damagedBlob(digest, path, `it ends ${left} bytes too early`);
      left -= bytesRead;
      const bytes = chunk.subarray(0, bytesRead);
      hash.update(bytes);
      yield bytes;
    }
    const actual = digestFromHex(hash.digest("hex"));
    if (actual !== digest) throw damagedBlob(digest, path, `its bytes are ${actual}`);
  } finally {
    await file.close();
  }
}

/** A blob's file, to be read and closed. @throws STORE_BLOB_MISSING, STORE_BLOB_DAMAGED where it is of another size, or not to be read */
export async function openBlob({ digest, size }: BlobIdentity, path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    // A FIFO in place of a blob must not hang the reader.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isSystemError(error, "ENOENT"))
      throw fail("STORE_BLOB_MISSING", { digest, path }, { cause: error });
    throw damagedBlob(digest, path, error instanceof Error ? error.message : String(error));
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw damagedBlob(digest, path, "it is not a regular file");
    if (stat.size !== size)
      throw damagedBlob(digest, path, `it has ${stat.size} bytes instead of ${size}`);
    return file;
  } catch (error) {
    await file.close();
    throw isFailure(error) ? error : damagedBlob(digest, path, String(error));
  }
}

/** `problem`: what is wrong with its file, as a clause: "it is not a regular file". */
export function damagedBlob(digest: Digest, path: string, problem: string): TransshipError {
  return fail("STORE_BLOB_DAMAGED", { digest, path, problem });
}
