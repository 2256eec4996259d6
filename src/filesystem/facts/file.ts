/**
 * The file of a layer's facts: a header, the slices of its symbols, the index. The header says where the index is and
 * holds its SHA-256; the index holds a checksum of each slice, so that every byte that is believed has been checked.
 * Numbers are in this machine's byte order: the cache is nobody else's.
 */
import { hash } from "node:crypto";
import { z } from "zod";
import { type Digest, isDigest } from "../../oci/digest.ts";
import type { Entry } from "../entry.ts";
import { checksumBytes, type SliceTable } from "../symbols.ts";
import { type Columns, columnsOf } from "./columns.ts";
import type { Text } from "./text.ts";

/** Goes up when facts are gathered or written otherwise. */
const version = 2;
const magic = `transship facts ${version}\n`.padEnd(24, "\0");

/** Magic, offset and length of the index, its SHA-256. */
export const headerBytes = 24 + 16 + 32;

/** What is told of the layer as a whole. */
export interface FactsAbout {
  /** The layer's own digest. */
  readonly layer: Digest;
  /** The blob's file as it was when it was read whole. */
  readonly seen: string;
  readonly diffId: Digest;
  readonly bytes: number;
  readonly unread: readonly string[];
}

export interface FactsIndex {
  readonly about: FactsAbout;
  readonly columns: Columns;
  readonly slices: SliceTable;
}

const count = z.int().nonnegative();
const textShape = z.object({ bytes: count, encoding: z.enum(["utf8", "utf16le"]) });
const shape = z.object({
  layer: z.string().refine(isDigest),
  seen: z.string(),
  diffId: z.string().refine(isDigest),
  bytes: count,
  unread: z.array(z.string()),
  entries: count,
  slices: count,
  texts: z.tuple([textShape, textShape, textShape]),
});

/** The bytes of the index. */
export function writeIndex(
  about: FactsAbout,
  entries: readonly Entry[],
  slices: SliceTable,
): Uint8Array {
  const columns = columnsOf(entries);
  const texts = [columns.paths, columns.targets, columns.contentText];
  const told = {
    ...about,
    entries: columns.length,
    slices: slices.lengths.length,
    texts: texts.map(({ bytes, encoding }) => ({ bytes: bytes.byteLength, encoding })),
  };
  const json = Buffer.from(JSON.stringify(told));
  // Filled up, so that the numbers behind it are aligned.
  const lead = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, " ");
  lead.writeUInt32LE(json.length, 0);
  json.copy(lead, 8);
  const parts: readonly ArrayBufferView[] = [
    lead,
    columns.sizes,
    columns.uids,
    columns.gids,
    Float64Array.from(slices.offsets),
    Float64Array.from(slices.lengths),
    columns.contents,
    columns.symbols,
    columns.modes,
    columns.types,
    slices.checksums,
    ...texts.map(({ bytes }) => bytes),
  ];
  return Buffer.concat(
    parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  );
}

/** What {@link writeIndex} wrote; `undefined` where it does not add up. `bytes` begin at a multiple of 8. */
export function readIndex(bytes: Uint8Array): FactsIndex | undefined {
  const jsonBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const json = Buffer.from(bytes.buffer, bytes.byteOffset + 8, jsonBytes).toString("utf8");
  const read = shape.safeParse(JSON.parse(json));
  if (!read.success) return undefined;
  const { entries: length, slices, texts, ...about } = read.data;
  let at = bytes.byteOffset + 8 + Math.ceil(jsonBytes / 8) * 8;
  const { buffer } = bytes;
  const end = bytes.byteOffset + bytes.byteLength;
  const take = (size: number): number => {
    at += size;
    if (at > end) throw new RangeError("The index is shorter than it says.");
    return at - size;
  };
  const text = (n: 0 | 1 | 2): Text => ({
    encoding: texts[n].encoding,
    bytes: new Uint8Array(buffer, take(texts[n].bytes), texts[n].bytes),
  });
  const numbers = (size: number) => new Float64Array(buffer, take(size * 8), size);
  const [sizes, uids, gids] = [numbers(length), numbers(length), numbers(length)];
  const [offsets, lengths] = [numbers(slices), numbers(slices)];
  const contents = new Int32Array(buffer, take(length * 4), length);
  const symbols = new Int32Array(buffer, take(length * 4), length);
  const modes = new Uint16Array(buffer, take(length * 2), length);
  const types = new Uint8Array(buffer, take(length), length);
  const sums = slices * checksumBytes;
  const checksums = new Uint8Array(buffer, take(sums), sums);
  const [paths, targets, contentText] = [text(0), text(1), text(2)];
  const numeric = { length, sizes, uids, gids, contents, symbols, modes, types };
  const columns = { ...numeric, paths, targets, contentText };
  return { about, columns, slices: { offsets, lengths, checksums } };
}

/** The header of a file whose index stands at `offset`. */
export function writeHeader(offset: number, index: Uint8Array): Uint8Array {
  const header = Buffer.alloc(headerBytes);
  header.write(magic, "latin1");
  header.writeDoubleLE(offset, 24);
  header.writeDoubleLE(index.byteLength, 32);
  hash("sha256", index, "buffer").copy(header, 40);
  return header;
}

export interface FactsHeader {
  readonly offset: number;
  readonly length: number;
  isOf(index: Uint8Array): boolean;
}

/** `undefined` where the file is none of this version, or its index lies outside of it. */
export function readHeader(header: Buffer, fileBytes: number): FactsHeader | undefined {
  if (header.length < headerBytes || header.toString("latin1", 0, 24) !== magic) return undefined;
  const [offset, length] = [header.readDoubleLE(24), header.readDoubleLE(32)];
  const isInside =
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= headerBytes &&
    length >= 8 &&
    offset + length === fileBytes;
  if (!isInside) return undefined;
  const isOf = (index: Uint8Array) =>
    hash("sha256", index, "buffer").equals(header.subarray(40, headerBytes));
  return { offset, length, isOf };
}
