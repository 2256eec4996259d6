/** An OCI layout in a tar archive (`docker image save` since Engine 25), laid out in a directory. */
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";

/** The only files of a layout that are written; anything else in the archive is passed over. */
const wanted = /^(?:\.\/)?(oci-layout|index\.json|blobs\/sha256\/[0-9a-f]{64})$/;

/** Writes the archive's layout under `directory`. What its blobs hold is checked when they are read. @throws the stream's errors */
export async function unpackLayout(
  archive: Readable,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(path.join(directory, "blobs", "sha256"), { recursive: true });
  const reader = extract();
  const flow = pipeline(archive, reader, { signal });
  const write = async () => {
    for await (const file of reader) {
      const name = wanted.exec(file.header.name)?.[1];
      if (name === undefined || (file.header.type ?? "file") !== "file") {
        file.resume();
        continue;
      }
      await pipeline(file, createWriteStream(path.join(directory, name)));
    }
  };
  const written = write();
  try {
    await Promise.all([written, flow]);
  } catch (error) {
    written.catch(() => {});
    if (signal.aborted) throw signal.reason;
    throw error;
  }
}
