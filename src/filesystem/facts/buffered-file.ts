/** The end of a file that is being written, gathered until it is worth a write. */
import { writeAt } from "./descriptor.ts";

const bufferBytes = 256 * 1024;

/** What could not be written, and where in the file it would stand. */
export interface LostBytes {
  readonly lost: Uint8Array;
  readonly at: number;
}

export interface BufferedFile {
  /** Adds the parts at the end of the file, all or none of them; what of the file before them is lost where that fails. */
  write(parts: readonly Uint8Array[]): LostBytes | undefined;
  flush(): LostBytes | undefined;
}

/** Gathers what is written to a file from `start` on. */
export function bufferedFile(file: () => number | undefined, start: number): BufferedFile {
  const buffer = Buffer.allocUnsafeSlow(bufferBytes);
  let filled = 0;
  /** The end of the file. */
  let at = start;

  function flush(): LostBytes | undefined {
    const lost = buffer.subarray(0, filled);
    if (!writeBytes(file(), [lost], at)) return { lost, at };
    at += filled;
    filled = 0;
    return undefined;
  }

  return {
    write(parts) {
      const length = bytesOf(parts);
      if (filled + length > buffer.length) {
        const failed = flush();
        if (failed !== undefined) return failed;
      }
      if (length > buffer.length) {
        if (!writeBytes(file(), parts, at)) return { lost: buffer.subarray(0, 0), at };
        at += length;
        return undefined;
      }
      for (const part of parts) {
        buffer.set(part, filled);
        filled += part.byteLength;
      }
      return undefined;
    },
    flush,
  };
}

export function bytesOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Writes the parts one behind the other; whether that was possible. */
function writeBytes(
  file: number | undefined,
  parts: readonly Uint8Array[],
  offset: number,
): boolean {
  if (file === undefined) return false;
  try {
    let at = offset;
    for (const part of parts) {
      writeAt(file, part, at);
      at += part.byteLength;
    }
    return true;
  } catch {
    return false;
  }
}
