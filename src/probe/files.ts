/** What the probe prints of the paths it was given: for each the kernel's answers, one after the other. */
import { viewOf } from "../binary/bytes.ts";

/** One path as the probe read it. */
export interface ReadPath {
  /** A file's content, or a directory's entries as getdents64 gives them. */
  readonly bytes: Uint8Array;
  /** Why it could not be read (or not further); 0 where all was read. */
  readonly errno: number;
}

/**
 * Parts the probe's output into the paths it was given, in their order. Each read is a signed 32-bit number in the
 * machine's byte order (little-endian on all that have a probe), then that many bytes; 0 ends a path, a negative
 * number ends it with that errno.
 * @throws RangeError where the output ends in the middle.
 */
export function readFiles(output: Uint8Array): readonly ReadPath[] {
  const view = viewOf(output);
  const paths: ReadPath[] = [];
  let chunks: Uint8Array[] = [];
  for (let at = 0; at < output.byteLength;) {
    const length = view.getInt32(at, true);
    at += 4;
    if (length > 0) {
      if (at + length > output.byteLength) throw new RangeError("the probe's output is cut short");
      chunks.push(output.subarray(at, at + length));
      at += length;
      continue;
    }
    paths.push({ bytes: joined(chunks), errno: length === 0 ? 0 : -length });
    chunks = [];
  }
  if (chunks.length > 0) throw new RangeError("the probe's output is cut short");
  return paths;
}

/** The names in a directory: records of u64 inode, i64 offset, u16 record length, u8 type, name, NUL (getdents64(2)). */
export function readDirectory(bytes: Uint8Array): readonly string[] {
  const view = viewOf(bytes);
  const decoder = new TextDecoder();
  const names: string[] = [];
  for (let at = 0; at + 19 < bytes.byteLength;) {
    const length = view.getUint16(at + 16, true);
    if (length < 20) throw new RangeError("a directory record is too short");
    const name = bytes.subarray(at + 19, at + length);
    const end = name.indexOf(0);
    names.push(decoder.decode(end === -1 ? name : name.subarray(0, end)));
    at += length;
  }
  return names.filter((name) => name !== "." && name !== "..");
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}
