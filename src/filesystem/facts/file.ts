/**
 * The file of a layer's facts: a header, the slices of its contents and symbols, the index. The header says where the index is and
 * holds its SHA-256; the index holds a checksum of each slice, so that every byte that is believed has been checked.
 * Numbers are in this machine's byte order: the cache is nobody else's.
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import { type Digest, isDigest } from "../../oci/digest.ts";
import type { Columns } from "../columns/columns.ts";
import { checksumBytes, type SliceTable } from "../slices.ts";

/** Goes up when facts, and the tables of symbols among them, are gathered or written otherwise. */
const version = 14;
const magicBytes = 24;
const magic = `transship facts ${version}\n`.padEnd(magicBytes, "\0");

/** Magic, offset and length of the index, its SHA-256. */
export const headerBytes = magicBytes + 16 + 32;

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
const shape = z.object({
  layer: z.string().refine(isDigest),
  seen: z.string(),
  diffId: z.string().refine(isDigest),
  bytes: count,
  unread: z.array(z.string()),
  entries: count,
  /** Rows of attributes. */
  attributes: count,
  contents: count,
  /** Slices of contents. */
  blocks: count,
  slices: count,
  /** Bytes of directories, of names, of targets, of contents. */
  texts: z.tuple([count, count, count, count]),
});

/** The index, in parts that stand one behind the other. */
export function writeIndex({ about, columns, slices }: FactsIndex): readonly Uint8Array[] {
  const { directories, names, targets, contentText } = columns;
  const lead = writeLead({
    ...about,
    unread: [...about.unread],
    entries: columns.sizes.length,
    attributes: columns.modes.length,
    contents: columns.contentEnds.length,
    blocks: columns.contentBlocks.length,
    slices: slices.lengths.length,
    texts: [directories.length, names.length, targets.length, contentText.length],
  });
  const parts: readonly ArrayBufferView[] = [
    lead,
    columns.sizes,
    columns.uids,
    columns.gids,
    columns.contentEnds,
    Float64Array.from(slices.offsets),
    Float64Array.from(slices.lengths),
    columns.places,
    columns.attributes,
    columns.modes,
    columns.types,
    columns.contentEntries,
    columns.contentSlices,
    columns.contentBlocks,
    slices.checksums,
    directories,
    names,
    targets,
    contentText,
  ];
  return parts.map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
}

/** The length of a JSON text, the text, and what is missing to a whole number of eights, so that numbers may follow. */
function writeLead(told: z.input<typeof shape>): Buffer {
  const json = Buffer.from(JSON.stringify(told));
  const lead = Buffer.alloc(8 + eights(json.length), " ");
  lead.writeUInt32LE(json.length, 0);
  json.copy(lead, 8);
  return lead;
}

export function eights(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/**
 * What {@link writeIndex} wrote; `bytes` begin where their memory begins.
 * @throws RangeError, SyntaxError, ZodError where it does not add up
 */
export function readIndex(bytes: Buffer): FactsIndex {
  const jsonBytes = bytes.readUInt32LE(0);
  const json: unknown = JSON.parse(bytes.toString("utf8", 8, 8 + jsonBytes));
  const {
    entries,
    attributes: rows,
    contents,
    blocks,
    slices,
    texts,
    ...about
  } = shape.parse(json);
  const { buffer } = bytes;
  let at = 8 + eights(jsonBytes);
  const take = (size: number): number => {
    at += size;
    if (at > bytes.length) throw new RangeError("The index is shorter than it says.");
    return at - size;
  };
  const floats = (length: number) => new Float64Array(buffer, take(length * 8), length);
  const integers = (length: number) => new Int32Array(buffer, take(length * 4), length);
  const octets = (length: number) => Buffer.from(buffer, take(length), length);
  const [sizes, uids, gids] = [floats(entries), floats(rows), floats(rows)];
  const contentEnds = floats(contents);
  const [offsets, lengths] = [floats(slices), floats(slices)];
  const [places, attributes] = [integers(entries), integers(entries)];
  const [modes, types] = [integers(rows), integers(rows)];
  const [contentEntries, contentSlices] = [integers(contents), integers(contents)];
  const contentBlocks = integers(blocks);
  const checksums = octets(slices * checksumBytes);
  const [directories, names] = [octets(texts[0]), octets(texts[1])];
  const [targets, contentText] = [octets(texts[2]), octets(texts[3])];
  const paths = { places, directories, names };
  const shared = { attributes, modes, types, uids, gids };
  const told = { contentEntries, contentSlices, contentEnds, contentBlocks, contentText };
  const columns: Columns = { ...paths, ...shared, ...told, sizes, targets };
  return { about, columns, slices: { offsets, lengths, checksums } };
}

/** The header of a file whose index stands at `offset`. */
export function writeHeader(offset: number, index: readonly Uint8Array[]): Uint8Array {
  const header = Buffer.alloc(headerBytes);
  header.write(magic, "latin1");
  header.writeDoubleLE(offset, magicBytes);
  header.writeDoubleLE(
    index.reduce((sum, { length }) => sum + length, 0),
    magicBytes + 8,
  );
  sha256(index).copy(header, magicBytes + 16);
  return header;
}

export interface FactsHeader {
  readonly offset: number;
  readonly length: number;
  /** Whether that is the index which the file was written with. */
  isOf(index: Uint8Array): boolean;
}

/** `undefined` where the file is none of this version, or its index does not end where it ends. */
export function readHeader(header: Buffer, fileBytes: number): FactsHeader | undefined {
  const isOurs =
    header.length === headerBytes && header.toString("latin1", 0, magicBytes) === magic;
  if (!isOurs) return undefined;
  const offset = header.readDoubleLE(magicBytes);
  const length = header.readDoubleLE(magicBytes + 8);
  const isInside = offset >= headerBytes && length >= 8 && offset + length === fileBytes;
  const isWhole = Number.isSafeInteger(offset) && Number.isSafeInteger(length);
  if (!isInside || !isWhole) return undefined;
  return {
    offset,
    length,
    isOf: (index) => sha256([index]).equals(header.subarray(magicBytes + 16)),
  };
}

function sha256(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
