/** The central directory of a zip archive, with ZIP64 (PKWARE, "APPNOTE.TXT", sections 4.3 and 4.5.3). */
import { viewOf } from "./bytes.ts";

export interface ArchiveDirectory {
  readonly entries: readonly ZipEntry[];
  /** Whether there are more entries than were read. */
  readonly isCut: boolean;
}

export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  /** Bytes in the archive, and unpacked. */
  readonly packedSize: number;
  readonly size: number;
  /** Where its own header stands, and its bytes behind it: {@link dataOffsetOf}. */
  readonly offset: number;
}

const signatures = {
  local: 0x04034b50,
  central: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
} as const;

const lengths = { local: 30, central: 46, end: 22, end64: 56, locator64: 20 } as const;

/** The end may be followed by a comment of this length. */
const mostCommentBytes = 65535;

/** What the older fields hold where the true number stands in ZIP64's. */
const [full16, full32] = [0xffff, 0xffffffff];

/** More members than any jar or wheel has. */
const mostEntries = 200_000;

export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
}

/** Reads the directory at the archive's end; a sentence where there is none. */
export function readDirectory(bytes: Uint8Array): ArchiveDirectory | string {
  const view = viewOf(bytes);
  const place = findDirectory(view);
  if (place === undefined) return "its directory is missing or damaged";
  const entries: ZipEntry[] = [];
  let at = place.offset;
  const count = Math.min(place.count, mostEntries);
  while (entries.length < count) {
    if (at + lengths.central > view.byteLength) break;
    if (view.getUint32(at, true) !== signatures.central) break;
    const entry = readEntry(view, at);
    if (entry === undefined) break;
    entries.push(entry.entry);
    at = entry.end;
  }
  if (entries.length < count) return "its directory is damaged";
  return { entries, isCut: place.count > count };
}

function readEntry(
  view: DataView,
  at: number,
): { readonly entry: ZipEntry; readonly end: number } | undefined {
  const nameBytes = view.getUint16(at + 28, true);
  const extraAt = at + lengths.central + nameBytes;
  const extraBytes = view.getUint16(at + 30, true);
  const end = extraAt + extraBytes + view.getUint16(at + 32, true);
  if (end > view.byteLength) return undefined;
  const [size, packedSize, offset] = wideFields(view, extraAt, extraBytes, [
    view.getUint32(at + 24, true),
    view.getUint32(at + 20, true),
    view.getUint32(at + 42, true),
  ]);
  const nameAt = view.byteOffset + at + lengths.central;
  const entry = {
    name: Buffer.from(view.buffer, nameAt, nameBytes).toString("utf8"),
    method: view.getUint16(at + 10, true),
    packedSize,
    size,
    offset,
  };
  return { entry, end };
}

/** Size, packed size and offset: each that is full in its own field stands in the ZIP64 extra field, in this order. */
function wideFields(
  view: DataView,
  start: number,
  length: number,
  fields: readonly [number, number, number],
): readonly [number, number, number] {
  if (!fields.includes(full32)) return fields;
  const end = start + length;
  for (let at = start; at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    const stop = Math.min(at + 4 + view.getUint16(at + 2, true), end);
    let next = at + 4;
    const wide = (field: number) => {
      if (field !== full32 || next + 8 > stop) return field;
      next += 8;
      return Number(view.getBigUint64(next - 8, true));
    };
    const [size, packedSize, offset] = fields;
    return [wide(size), wide(packedSize), wide(offset)];
  }
  return fields;
}

/** Where a member's bytes begin in the archive; `undefined` where its own header is not there. */
export function dataOffsetOf(bytes: Uint8Array, { offset }: ZipEntry): number | undefined {
  if (offset + lengths.local > bytes.byteLength) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, lengths.local);
  if (view.getUint32(0, true) !== signatures.local) return undefined;
  return offset + lengths.local + view.getUint16(26, true) + view.getUint16(28, true);
}

interface DirectoryPlace {
  readonly offset: number;
  readonly count: number;
}

function findDirectory(view: DataView): DirectoryPlace | undefined {
  const last = view.byteLength - lengths.end;
  for (let at = last; at >= 0 && at >= last - mostCommentBytes; at -= 1) {
    if (view.getUint8(at) !== 0x50 || view.getUint32(at, true) !== signatures.end) continue;
    const count = view.getUint16(at + 10, true);
    const offset = view.getUint32(at + 16, true);
    if (count !== full16 && offset !== full32) return { count, offset };
    return findDirectory64(view, at) ?? { count, offset };
  }
  return undefined;
}

function findDirectory64(view: DataView, end: number): DirectoryPlace | undefined {
  const locator = end - lengths.locator64;
  if (locator < 0 || view.getUint32(locator, true) !== signatures.locator64) return undefined;
  const at = Number(view.getBigUint64(locator + 8, true));
  if (at + lengths.end64 > view.byteLength) return undefined;
  if (view.getUint32(at, true) !== signatures.end64) return undefined;
  return {
    count: Number(view.getBigUint64(at + 32, true)),
    offset: Number(view.getBigUint64(at + 48, true)),
  };
}
