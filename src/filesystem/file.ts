/** One file of a layer while it streams by: what is wanted of it is kept, and then read. */
import type { ByteRange, FileBytes } from "../binary/bytes.ts";
import { wholeFile } from "../binary/bytes.ts";
import type { ContentReading, FileName } from "../binary/content.ts";
import type { ContentReader } from "./contents.ts";
import { mostKeptBytes } from "./limits.ts";

export type FileReading =
  | ContentReading
  /** Bytes that would have to be kept, and are more than may be. */
  | { readonly outcome: "too-large"; readonly bytes: number };

export interface FileReader {
  /** Begins a file; `ranges` are those that an earlier pass has found to be needed. */
  begin(file: FileName, ranges?: readonly ByteRange[]): void;
  /** Its next bytes. */
  data(bytes: Buffer): void;
  /** All of it has come. What is read may hold no byte of what has been kept: that is overwritten by the next file. */
  end(): FileReading;
}

/** A range of the file that is kept. */
interface Piece {
  readonly offset: number;
  readonly bytes: Buffer;
}

const nothing: FileReading = { outcome: "read" };
/** Larger than this, memory is taken for the one file and given back. */
const pooledBytes = 4 * 2 ** 20;

/** Reads one file after the other. */
export function fileReader({ headBytes, wantedBytes, readContent }: ContentReader): FileReader {
  const pool = Buffer.allocUnsafeSlow(pooledBytes);
  const head = Buffer.allocUnsafeSlow(headBytes);
  let file: FileName = { path: "", size: 0, mode: 0 };
  /** How many bytes of the file have come. */
  let at = 0;
  /** `undefined` until it is known what is wanted. */
  let pieces: readonly Piece[] | undefined;
  let reading: FileReading | undefined;

  function begin(next: FileName, ranges?: readonly ByteRange[]): void {
    file = next;
    at = 0;
    reading = undefined;
    pieces = undefined;
    if (ranges !== undefined) keep(ranges);
  }

  function data(bytes: Buffer): void {
    if (reading === undefined) {
      if (at === 0 && bytes.length === file.size) reading = readWhole(bytes);
      else if (pieces === undefined) takeHead(bytes);
      else copyInto(pieces, bytes, at);
    }
    at += bytes.length;
  }

  function end(): FileReading {
    if (file.size === 0) reading ??= readWhole(head.subarray(0, 0));
    return reading ?? readContent(file, piecesOf(file.size, pieces ?? []));
  }

  /** The whole file lies in one chunk, as most do: nothing has to be copied. */
  function readWhole(bytes: Buffer): FileReading {
    const isUnwanted =
      pieces === undefined && wantedBytes(file, bytes.subarray(0, headBytes)).kind === "nothing";
    return isUnwanted ? nothing : readContent(file, wholeFile(bytes));
  }

  function takeHead(bytes: Buffer): void {
    const wanted = Math.min(headBytes, file.size);
    const isDirect = at === 0 && bytes.length >= wanted;
    if (!isDirect) bytes.copy(head, at, 0, Math.min(bytes.length, wanted - at));
    if (at + bytes.length < wanted) return;
    const first = isDirect ? bytes.subarray(0, wanted) : head.subarray(0, wanted);
    decide(first);
    if (reading === undefined && pieces !== undefined) {
      copyInto(pieces, first, 0);
      copyInto(pieces, bytes, at);
    }
  }

  function decide(first: Buffer): void {
    const wanted = wantedBytes(file, first);
    switch (wanted.kind) {
      case "nothing":
        reading = nothing;
        return;
      case "head":
        reading = readContent(file, piecesOf(file.size, [{ offset: 0, bytes: first }]));
        return;
      case "whole":
        return keep([{ offset: 0, length: file.size }]);
      case "ranges":
        return keep([{ offset: 0, length: first.length }, ...wanted.ranges]);
    }
  }

  function keep(ranges: readonly ByteRange[]): void {
    const merged = mergeRanges(ranges, file.size);
    const bytes = merged.reduce((sum, { length }) => sum + length, 0);
    if (bytes > mostKeptBytes) {
      reading = { outcome: "too-large", bytes };
      return;
    }
    const room = bytes > pooledBytes ? Buffer.allocUnsafeSlow(bytes) : pool;
    let used = 0;
    pieces = merged.map(({ offset, length }) => {
      used += length;
      return { offset, bytes: room.subarray(used - length, used) };
    });
  }

  return { begin, data, end };
}

/** In order, inside the file, without overlaps. */
export function mergeRanges(ranges: readonly ByteRange[], size: number): readonly ByteRange[] {
  const merged: { offset: number; length: number }[] = [];
  for (const { offset, length } of ranges.toSorted((one, other) => one.offset - other.offset)) {
    const end = Math.min(offset + length, size);
    const last = merged.at(-1);
    if (end <= offset) continue;
    if (last !== undefined && offset <= last.offset + last.length)
      last.length = Math.max(last.length, end - last.offset);
    else merged.push({ offset, length: end - offset });
  }
  return merged;
}

/** Copies what of `bytes`, which stand at `at` in the file, belongs to the pieces. */
function copyInto(pieces: readonly Piece[], bytes: Buffer, at: number): void {
  for (const piece of pieces) {
    const start = Math.max(at, piece.offset);
    const end = Math.min(at + bytes.length, piece.offset + piece.bytes.length);
    if (start < end) bytes.copy(piece.bytes, start - piece.offset, start - at, end - at);
  }
}

function piecesOf(size: number, pieces: readonly Piece[]): FileBytes {
  return {
    size,
    read({ offset, length }) {
      const piece = pieces.find(
        (one) => offset >= one.offset && offset + length <= one.offset + one.bytes.length,
      );
      return piece?.bytes.subarray(offset - piece.offset, offset - piece.offset + length);
    },
  };
}
