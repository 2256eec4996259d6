/** Zip archives for tests: jars, wheels, and those that lie. */
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipFileMember {
  readonly content: Uint8Array | string;
  /** Deflated by default. */
  readonly isStored?: boolean;
  /** What the directory says of it, where that is not the truth. */
  readonly size?: number;
  readonly packedSize?: number;
  readonly method?: number;
  readonly offset?: number;
}

export type ZipFileMembers = Readonly<Record<string, ZipFileMember | Uint8Array | string>>;

export interface ZipFileOptions {
  /** Numbers stand in the fields of ZIP64, as in archives of more than 4 GB. */
  readonly isWide?: boolean;
  readonly comment?: string;
}

const full = 0xffffffff;

export function zipFile(
  members: ZipFileMembers,
  { isWide = false, comment = "" }: ZipFileOptions = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let length = 0;
  for (const [name, value] of Object.entries(members)) {
    const member =
      typeof value === "string" || value instanceof Uint8Array ? { content: value } : value;
    const content = Buffer.from(member.content);
    const packed = member.isStored === true ? content : deflateRawSync(content);
    const fields = {
      method: member.method ?? (member.isStored === true ? 0 : 8),
      checksum: crc32(content),
      packedSize: member.packedSize ?? packed.byteLength,
      size: member.size ?? content.byteLength,
      offset: member.offset ?? length,
    };
    const local = Buffer.concat([localHeader(name, fields), packed]);
    parts.push(local);
    directory.push(centralHeader(name, fields, isWide));
    length += local.byteLength;
  }
  const central = Buffer.concat(directory);
  const end = endOf(directory.length, central.byteLength, length, isWide, comment);
  return Buffer.concat([...parts, central, end]);
}

interface Fields {
  readonly method: number;
  readonly checksum: number;
  readonly packedSize: number;
  readonly size: number;
  readonly offset: number;
}

function localHeader(name: string, { method, checksum, packedSize, size }: Fields): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(method, 8);
  header.writeUInt32LE(checksum, 14);
  header.writeUInt32LE(packedSize, 18);
  header.writeUInt32LE(size, 22);
  header.writeUInt16LE(Buffer.byteLength(name), 26);
  return Buffer.concat([header, Buffer.from(name)]);
}

function centralHeader(
  name: string,
  { method, checksum, packedSize, size, offset }: Fields,
  isWide: boolean,
): Buffer {
  const extra = Buffer.alloc(isWide ? 28 : 0);
  if (isWide) {
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(24, 2);
    for (const [index, value] of [size, packedSize, offset].entries()) {
      extra.writeBigUInt64LE(BigInt(value), 4 + index * 8);
    }
  }
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(method, 10);
  header.writeUInt32LE(checksum, 16);
  header.writeUInt32LE(isWide ? full : packedSize, 20);
  header.writeUInt32LE(isWide ? full : size, 24);
  header.writeUInt16LE(Buffer.byteLength(name), 28);
  header.writeUInt16LE(extra.byteLength, 30);
  header.writeUInt32LE(isWide ? full : offset, 42);
  return Buffer.concat([header, Buffer.from(name), extra]);
}

function endOf(
  count: number,
  directoryBytes: number,
  offset: number,
  isWide: boolean,
  comment: string,
): Buffer {
  const wide = Buffer.alloc(isWide ? 76 : 0);
  if (isWide) {
    wide.writeUInt32LE(0x06064b50, 0);
    wide.writeBigUInt64LE(44n, 4);
    wide.writeBigUInt64LE(BigInt(count), 24);
    wide.writeBigUInt64LE(BigInt(count), 32);
    wide.writeBigUInt64LE(BigInt(directoryBytes), 40);
    wide.writeBigUInt64LE(BigInt(offset), 48);
    wide.writeUInt32LE(0x07064b50, 56);
    wide.writeBigUInt64LE(BigInt(offset + directoryBytes), 64);
    wide.writeUInt32LE(1, 72);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(isWide ? 0xffff : count, 8);
  end.writeUInt16LE(isWide ? 0xffff : count, 10);
  end.writeUInt32LE(isWide ? full : directoryBytes, 12);
  end.writeUInt32LE(isWide ? full : offset, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  return Buffer.concat([wide, end, Buffer.from(comment)]);
}
