/** Where the symbols of a layer's ELF files are kept: in the cache's file as they come, in memory where there is none. */
import { hash } from "node:crypto";
import { closeSync } from "node:fs";
import { growingBytes } from "./columns/growing.ts";
import { readAt, writeAt } from "./facts/descriptor.ts";
import { mostSymbolBytes } from "./limits.ts";

/** The place of one file's symbols. */
export interface SymbolsPlace {
  readonly shelf: SymbolsShelf;
  readonly slice: number;
}

/** Slices of bytes, each held against its checksum when it is read. */
export interface SymbolsShelf {
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
/** More than this is written at once. */
const bufferBytes = 1024 * 1024;

/** The shelf of a file that was written before. It owns the file descriptor from here on, and says when a slice is `damaged`. */
export function fileShelf(file: number, table: SliceTable, damaged: () => void): SymbolsShelf {
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
export interface SymbolsWriter extends SymbolsShelf {
  /** The number of the new slice; `undefined` where there is no more room for it. */
  add(bytes: Uint8Array): number | undefined;
  /** Writes what is still in memory. Where the slices are, or `undefined` where not all of them could be written. */
  finish(): WrittenSlices | undefined;
}

interface WrittenSlices extends SliceTable {
  /** The end of the last slice in the file. */
  readonly end: number;
}

/** Begins a shelf at `start` of a file, or in memory where there is none. It owns the file descriptor from here on. */
export function symbolsWriter(file: number | undefined, start: number): SymbolsWriter {
  const open = file === undefined ? undefined : descriptor(file);
  const offsets: number[] = [];
  const lengths: number[] = [];
  const checksums = growingBytes();
  /** What the file does not have yet, or will never have: the slices from `firstPending` on. */
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  let firstPending = 0;
  let end = start;
  let isWriting = open !== undefined;
  const table = (): SliceTable => ({ offsets, lengths, checksums: checksums.finish() });

  function flush(): void {
    if (!isWriting || pending.length === 0) return;
    const bytes = Buffer.concat(pending);
    if (!writeBytes(open?.number(), bytes, end - bytes.length)) {
      isWriting = false;
      return;
    }
    firstPending += pending.length;
    pending = [];
    pendingBytes = 0;
  }

  return {
    add(bytes) {
      if (!isWriting && pendingBytes + bytes.byteLength > mostSymbolBytes) return undefined;
      offsets.push(end);
      lengths.push(bytes.byteLength);
      checksums.add(checksumOf(bytes));
      pending.push(bytes);
      pendingBytes += bytes.byteLength;
      end += bytes.byteLength;
      if (pendingBytes > bufferBytes) flush();
      return offsets.length - 1;
    },
    read(slice) {
      if (slice >= firstPending) return pending[slice - firstPending];
      return readSlice(open?.number(), slice, table());
    },
    finish() {
      flush();
      return isWriting ? { ...table(), end } : undefined;
    },
    close() {
      open?.close();
      pending = [];
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
  return bytes !== undefined && checksumOf(bytes).equals(checksum) ? bytes : undefined;
}

/** The first {@link checksumBytes} of the SHA-256. */
function checksumOf(bytes: Uint8Array): Buffer {
  return hash("sha256", bytes, "buffer").subarray(0, checksumBytes);
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

/** Whether all of it could be written. */
function writeBytes(file: number | undefined, bytes: Uint8Array, offset: number): boolean {
  if (file === undefined) return false;
  try {
    writeAt(file, bytes, offset);
    return true;
  } catch {
    return false;
  }
}
