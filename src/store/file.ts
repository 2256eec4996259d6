/** Reading a file that anybody may have written: neither a FIFO nor, where a small one is wanted, a giant is waited for. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

/** Most bytes of a document (index, manifest, config) that are read; registries take 4 MiB at most. */
export const documentLimit = 8 * 1024 * 1024;

/** The whole file. @throws RangeError (no regular file, or larger than {@link documentLimit}), the system's errors */
export async function readSmallFile(path: string): Promise<Buffer> {
  const file = await openForReading(path);
  try {
    return await readWhole(file);
  } finally {
    await file.close();
  }
}

/** Opens without waiting for a FIFO's other end. @throws the system's errors */
export async function openForReading(path: string): Promise<FileHandle> {
  return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** An open file from its start. @throws as {@link readSmallFile} */
export async function readWhole(file: FileHandle): Promise<Buffer> {
  const stat = await file.stat();
  if (!stat.isFile()) throw new RangeError("it is not a regular file");
  if (stat.size > documentLimit)
    throw new RangeError(`it has ${stat.size} bytes; more than ${documentLimit} are not read`);
  return await readAt(file, 0, stat.size);
}

/** As many bytes from that place on as there are. @throws the system's errors */
export async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  return bytes.subarray(0, bytesRead);
}
