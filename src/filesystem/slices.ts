/** Where what is told of a layer's files is kept: in the cache's file as it comes, in memory where there is none. */
import { createHash } from "node:crypto";
import { closeSync } from "node:fs";
import { growingBytes } from "./columns/growing.ts";
import { bufferedFile, bytesOf, type LostBytes } from "./facts/buffered-file.ts";
import { readAt } from "./facts/descriptor.ts";
import { mostSymbolBytes } from "./limits.ts";

/** Where a slice is. */
export interface SlicePlace {
  readonly shelf: SliceShelf;
  readonly slice: number;
}

/** Slices of bytes, each held against its checksum when it is read. */
export interface SliceShelf {
  /** `undefined` where the slice cannot be read, or is not what was written. */
  read(slice: number): Uint8Array | undefined;
  /** Closes the file; nothing more can be read from it. */
  close(): void;
}

/** Where the slices of a file are. */
export interface SliceTable {
  /** Of each slice, in the file. */
  readonly offsets: readonly number[] | Float64Array;
  readonly lengths: readonly number[] | Float64Array;
  /** {@link checksumBytes} each. */
  readonly checksums: Uint8Array;
}

export const checksumBytes = 16;

/** The shelf of a file that was written before. It owns the file descriptor from here on, and says when a slice is `damaged`. */
export function fileShelf(file: number, table: SliceTable, damaged: () => void): SliceShelf {
  const open = descriptor(file);
  return {
    read(slice) {
      const number = open.number();
      const bytes = readSlice(number, slice, table);
      if (bytes === undefined && number !== undefined) damaged();
      return bytes;
    },
    close: () => open.close(),
  };
}

/** A shelf that is being filled. */
export interface SliceWriter extends SliceShelf {
  /** Copies the parts of a new slice, and returns its number; `undefined` where there is no more room for it. */
  add(parts: readonly Uint8Array[]): number | undefined;
  /** Whether slices go to a file, and take no memory. */
  hasFile(): boolean;
  /** Writes what is still in memory. Where the slices are, or `undefined` where not all of them could be written. */
  finish(): WrittenSlices | undefined;
}

interface WrittenSlices extends SliceTable {
  /** The end of the last slice in the file. */
  readonly end: number;
}

/** Begins a shelf at `start` of a file, or in memory where there is none. It owns the file descriptor from here on. */
export function sliceWriter(file: number | undefined, start: number): SliceWriter {
  const open = file === undefined ? undefined : descriptor(file);
  let writing = open && bufferedFile(() => open.number(), start);
  const offsets: number[] = [];
  const lengths: number[] = [];
  const checksums = growingBytes();
  /** What the file will never have, by the number of the slice. */
  const kept = new Map<number, Uint8Array>();
  let keptBytes = 0;
  let end = start;
  const table = (): SliceTable => ({ offsets, lengths, checksums: checksums.finish() });

  /** From here on slices are kept in memory, as those are that have not come into the file. */
  function giveUp({ lost, at }: LostBytes): void {
    writing = undefined;
    for (const [slice, offset] of offsets.entries()) {
      if (offset < at) continue;
      const from = offset - at;
      kept.set(slice, Uint8Array.from(lost.subarray(from, from + (lengths[slice] ?? 0))));
    }
    keptBytes = lost.length;
  }

  function write(parts: readonly Uint8Array[]): void {
    const failed = writing?.write(parts);
    if (failed !== undefined) giveUp(failed);
  }

  function flush(): void {
    const failed = writing?.flush();
    if (failed !== undefined) giveUp(failed);
  }

  return {
    add(parts) {
      const length = bytesOf(parts);
      const slice = offsets.length;
      write(parts);
      if (writing === undefined) {
        if (keptBytes + length > mostSymbolBytes) return undefined;
        keptBytes += length;
        kept.set(slice, Buffer.concat(parts));
      }
      offsets.push(end);
      lengths.push(length);
      checksums.add(checksumOf(parts));
      end += length;
      return slice;
    },
    hasFile: () => writing !== undefined,
    read(slice) {
      flush();
      return kept.get(slice) ?? readSlice(open?.number(), slice, table());
    },
    finish() {
      flush();
      return writing === undefined ? undefined : { ...table(), end };
    },
    close() {
      open?.close();
      kept.clear();
    },
  };
}

/** The bytes of a slice, once they have been held against their checksum. */
function readSlice(
  file: number | undefined,
  slice: number,
  { offsets, lengths, checksums }: SliceTable,
): Uint8Array | undefined {
  const [offset, length] = [offsets[slice], lengths[slice]];
  if (file === undefined || offset === undefined || length === undefined) return undefined;
  const bytes = readBytes(file, offset, length);
  const checksum = checksums.subarray(slice * checksumBytes, (slice + 1) * checksumBytes);
  return bytes !== undefined && checksumOf([bytes]).equals(checksum) ? bytes : undefined;
}

/** The first {@link checksumBytes} of the SHA-256. */
function checksumOf(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest().subarray(0, checksumBytes);
}

/** A file descriptor that is closed once: by hand, or when nobody can read from it any more. */
function descriptor(file: number): { number(): number | undefined; close(): void } {
  let isOpen = true;
  const owner = {
    number: () => (isOpen ? file : undefined),
    close() {
      if (!isOpen) return;
      isOpen = false;
      forgotten.unregister(owner);
      closeSync(file);
    },
  };
  forgotten.register(owner, file, owner);
  return owner;
}

const forgotten = new FinalizationRegistry<number>((file) => {
  try {
    closeSync(file);
  } catch {
    // It is closed already.
  }
});

/** Asking the thread pool for a slice takes ten times as long as reading it. */
function readBytes(file: number, offset: number, length: number): Uint8Array | undefined {
  try {
    const bytes = readAt(file, offset, length);
    return bytes.length === length ? bytes : undefined;
  } catch {
    return undefined;
  }
}
