/** ELF64 files with one thing changed: a header, an entry of the dynamic section, a table, a section header. */

/** `p_type`. */
export const types = {
  load: 1,
  dynamic: 2,
  interpreter: 3,
  note: 4,
  readOnlyAfterRelocation: 0x6474e552,
};

/** Of each section its type, the tag whose value is its address, and the tag that says its size; eight bytes where none does. */
const sections = [
  { type: 11, tag: 6 },
  { type: 3, tag: 5, sizeTag: 10 },
  { type: 0x6ffffff6, tag: 0x6ffffef5 },
  { type: 4, tag: 23, sizeTag: 2 },
  { type: 1, tag: 3 },
] as const;

export function changed(original: Uint8Array, change: (bytes: Buffer) => void): Uint8Array {
  const bytes = Buffer.from(original);
  change(bytes);
  return new Uint8Array(bytes);
}

/** The program header of a type, changed: 56 bytes of ELF64. */
export function withHeader(
  original: Uint8Array,
  type: number,
  change: (header: Buffer) => void,
): Uint8Array {
  return changed(original, (bytes) => change(headerOf(bytes, type)));
}

/** The section header of a type, changed: 64 bytes of ELF64. */
export function withSection(
  original: Uint8Array,
  type: number,
  change: (header: Buffer) => void,
): Uint8Array {
  return changed(original, (bytes) => {
    const headers = bytes.subarray(Number(bytes.readBigUInt64LE(40)));
    let at = 0;
    while (headers.readUInt32LE(at + 4) !== type) at += 64;
    change(headers.subarray(at, at + 64));
  });
}

/** Bytes behind the beginning of the table that a tag stands for, changed; its address is its place in the file. */
export function withTable(
  original: Uint8Array,
  tag: number,
  change: (table: Buffer) => void,
): Uint8Array {
  return changed(original, (bytes) => change(bytes.subarray(Number(valueOf(bytes, tag)))));
}

/** The entry of a tag in the dynamic section, changed. */
export function withDynamic(
  original: Uint8Array,
  tag: number,
  change: (entry: Buffer) => void,
): Uint8Array {
  return changed(original, (bytes) => change(dynamicEntry(bytes, tag)));
}

/** Tag and value, 8 bytes each. */
function dynamicEntry(bytes: Buffer, tag: number): Buffer {
  const section = bytes.subarray(Number(headerOf(bytes, types.dynamic).readBigUInt64LE(8)));
  let at = 0;
  while (section.readBigUInt64LE(at) !== BigInt(tag)) at += 16;
  return section.subarray(at, at + 16);
}

/** The value of a tag in the dynamic section. */
export function valueOf(bytes: Buffer, tag: number): bigint {
  return dynamicEntry(bytes, tag).readBigUInt64LE(8);
}

/** The library with the headers of {@link sections} behind it: 64 bytes each of ELF64. */
export function withSections(original: Uint8Array): Uint8Array {
  const bytes = Buffer.from(original);
  const headers = sections.map(({ type, tag, ...more }) => {
    const header = Buffer.alloc(64);
    const address = valueOf(bytes, tag);
    header.writeUInt32LE(type, 4);
    header.writeBigUInt64LE(2n, 8);
    header.writeBigUInt64LE(address, 16);
    header.writeBigUInt64LE(address, 24);
    header.writeBigUInt64LE("sizeTag" in more ? valueOf(bytes, more.sizeTag) : 8n, 32);
    return header;
  });
  bytes.writeBigUInt64LE(BigInt(bytes.length), 40);
  bytes.writeUInt16LE(64, 58);
  bytes.writeUInt16LE(headers.length, 60);
  return new Uint8Array(Buffer.concat([bytes, ...headers]));
}

function headerOf(bytes: Buffer, type: number): Buffer {
  const count = bytes.readUInt16LE(56);
  for (let index = 0; index < count; index += 1) {
    const header = bytes.subarray(64 + index * 56, 64 + (index + 1) * 56);
    if (header.readUInt32LE(0) === type) return header;
  }
  throw new Error(`no program header of type ${type.toString()}`);
}
