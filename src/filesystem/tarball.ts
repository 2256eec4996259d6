/** Writes tar archives (POSIX.1-2017, pax Interchange Format) for what an engine reads from a pipe. */
import { Readable } from "node:stream";
import { pack } from "tar-stream";

/** One file of an archive. */
export interface TarFile {
  /** Its path, with `/` and without a leading one. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Permission bits; default 0o644. */
  readonly mode?: number;
  open(): AsyncIterable<Uint8Array>;
}

/** The archive as it is written, one file after the other, in bounded memory. A file that cannot be read fails the stream. */
export function tarball(files: readonly TarFile[]): Readable {
  const archive = pack();
  void write(archive, files).catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return Readable.from(archive, { objectMode: false });
}

/** A small file whose bytes are at hand. */
export function tarFile(name: string, content: Uint8Array | string, mode = 0o644): TarFile {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return {
    name,
    size: bytes.byteLength,
    mode,
    async *open() {
      yield bytes;
    },
  };
}

async function write(archive: ReturnType<typeof pack>, files: readonly TarFile[]): Promise<void> {
  // The same files give the same bytes, so a build context that did not change is cached.
  const mtime = new Date(0);
  for (const file of files) {
    const { name, size, mode = 0o644 } = file;
    await new Promise<void>((resolve, reject) => {
      const entry = archive.entry({ name, size, mode, mtime }, (error) =>
        error ? reject(error) : resolve(),
      );
      entry.on("error", reject);
      void feed(entry, file.open()).catch((error: unknown) => {
        reject(error instanceof Error ? error : new Error(String(error)));
      });
    });
  }
  archive.finalize();
}

async function feed(
  entry: NodeJS.WritableStream,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  for await (const chunk of chunks) {
    if (!entry.write(chunk)) await new Promise<void>((resolve) => entry.once("drain", resolve));
  }
  entry.end();
}
