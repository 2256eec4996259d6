/** One file of a layer while it streams by: what is wanted of it is kept, and then read. */
import { type ByteRange, mergeRanges, partialFile, wholeFile } from "../binary/bytes.ts";
import type { ContentReading, FileName } from "../binary/content.ts";
import type { ContentReader } from "./contents.ts";
import { mostKeptBytes } from "./limits.ts";
import type { Rooms } from "./rooms.ts";

export type FileReading =
  | ContentReading
  /** Bytes that would have to be kept, and are more than may be. */
  | { readonly outcome: "too-large"; readonly bytes: number };

export interface FileReader {
  /** Begins a file; `more` are the ranges that an earlier pass has found to be needed as well. */
  begin(file: FileName, more?: readonly ByteRange[]): void;
  /** Its next bytes; `false` where there is no room for them now, and they are to be told again. */
  data(bytes: Buffer): boolean;
  /** All of it has come. What is read may still lie in what has been kept, until `close`. */
  end(): FileReading;
  /** Gives back what was kept of a file, whether or not it has come to its end. */
  close(): void;
}

/** A range of the file that is kept. */
interface Piece {
  readonly offset: number;
  readonly bytes: Buffer;
}

const nothing: FileReading = { outcome: "read" };

/** Reads one file after the other. */
export function fileReader(contents: ContentReader, rooms: Rooms): FileReader {
  const { headBytes } = contents;
  const head = Buffer.allocUnsafeSlow(headBytes);
  let file: FileName = { path: "", size: 0, mode: 0 };
  let needed: readonly ByteRange[] = [];
  /** How many bytes of the file have come. */
  let at = 0;
  /** `undefined` until it is known what is wanted. */
  let pieces: readonly Piece[] | undefined;
  let reading: FileReading | undefined;
  /** Where the pieces are. */
  let room: Buffer<ArrayBuffer> | undefined;

  function begin(next: FileName, more: readonly ByteRange[] = []): void {
    file = next;
    needed = more;
    at = 0;
    reading = undefined;
    pieces = undefined;
  }

  function data(bytes: Buffer): boolean {
    if (room !== undefined) rooms.fill(room);
    if (reading === undefined) {
      if (at === 0 && bytes.length === file.size) reading = readWhole(bytes);
      else if (pieces !== undefined) copyInto(pieces, bytes, at);
      else if (!takeHead(bytes)) return false;
    }
    at += bytes.length;
    return true;
  }

  function end(): FileReading {
    if (file.size === 0) reading ??= readWhole(head.subarray(0, 0));
    return reading ?? contents.readContent(file, partialFile(file.size, pieces ?? []));
  }

  function close(): void {
    if (room !== undefined) rooms.giveBack(room);
    room = undefined;
  }

  /** The whole file lies in one chunk, as most do: nothing has to be copied. */
  function readWhole(bytes: Buffer): FileReading {
    const { kind } = contents.wantedBytes(file, bytes.subarray(0, headBytes));
    return kind === "nothing" ? nothing : contents.readContent(file, wholeFile(bytes));
  }

  function takeHead(bytes: Buffer): boolean {
    const wanted = Math.min(headBytes, file.size);
    const isDirect = at === 0 && bytes.length >= wanted;
    if (!isDirect) bytes.copy(head, at, 0, Math.min(bytes.length, wanted - at));
    if (at + bytes.length < wanted) return true;
    const first = isDirect ? bytes.subarray(0, wanted) : head.subarray(0, wanted);
    if (!decide(first)) return false;
    if (reading === undefined && pieces !== undefined) {
      copyInto(pieces, first, 0);
      copyInto(pieces, bytes, at);
    }
    return true;
  }

  /** Whether there was room for what is wanted. */
  function decide(first: Buffer): boolean {
    const wanted = contents.wantedBytes(file, first);
    if (wanted.kind === "nothing") {
      reading = nothing;
      return true;
    }
    if (wanted.kind === "whole") return keep([{ offset: 0, length: file.size }]);
    return keep([
      { offset: 0, length: first.length },
      ...(wanted.kind === "ranges" ? wanted.ranges : []),
      ...needed,
    ]);
  }

  function keep(ranges: readonly ByteRange[]): boolean {
    const merged = mergeRanges(ranges, file.size);
    const bytes = merged.reduce((sum, { length }) => sum + length, 0);
    if (bytes > mostKeptBytes) {
      reading = { outcome: "too-large", bytes };
      return true;
    }
    const place = rooms.take(bytes);
    if (place === undefined) return false;
    room = place;
    let used = 0;
    pieces = merged.map(({ offset, length }) => {
      used += length;
      return { offset, bytes: place.subarray(used - length, used) };
    });
    return true;
  }

  return { begin, data, end, close };
}

/** Copies what of `bytes`, which stand at `at` in the file, belongs to the pieces. */
function copyInto(pieces: readonly Piece[], bytes: Buffer, at: number): void {
  for (const piece of pieces) {
    const start = Math.max(at, piece.offset);
    const end = Math.min(at + bytes.length, piece.offset + piece.bytes.length);
    if (start < end) bytes.copy(piece.bytes, start - piece.offset, start - at, end - at);
  }
}
