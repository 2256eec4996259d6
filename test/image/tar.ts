/** Tar archives block by block, for what no writer of archives would write. */

export interface TarFields {
  readonly name?: string;
  /** The type flag; default `0`, a file. */
  readonly type?: string;
  readonly size?: number;
  readonly mode?: number;
  readonly linkName?: string;
  /** Eight bytes; default `ustar\0` and `00`. */
  readonly magic?: string;
  /** Bytes put over the block by their offset, before its checksum is made. */
  readonly raw?: Readonly<Record<number, string | Uint8Array>>;
  /** Sums signed bytes, as Sun's tar did. */
  readonly signed?: boolean;
}

/** The end of an archive: two blocks of zeros. */
export const tarEnd = Buffer.alloc(1024);

/** One header, its checksum right. */
export function tarBlock({ name = "", type = "0", size = 0, mode = 0o644, ...rest }: TarFields) {
  const { linkName = "", magic = "ustar\u000000", raw = {}, signed = false } = rest;
  const block = Buffer.alloc(512);
  block.write(name, 0, 100);
  block.write(octal(mode, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(0, 12), 136);
  block.write(type, 156, "latin1");
  block.write(linkName, 157, 100);
  block.write(magic, 257, "latin1");
  for (const [at, bytes] of Object.entries(raw)) Buffer.from(bytes).copy(block, Number(at));
  block.fill(" ", 148, 156);
  const bytes: Iterable<number> = signed ? new Int8Array(block) : block;
  let sum = 0;
  for (const byte of bytes) sum += byte;
  block.write(`${octal(sum, 7)} `, 148, "latin1");
  return block;
}

/** A header and what follows it, filled up to whole blocks. */
export function tarEntry(fields: TarFields, content: string | Uint8Array = ""): Buffer {
  const bytes = Buffer.from(content);
  const padding = Buffer.alloc(-bytes.length & 511);
  return Buffer.concat([tarBlock({ size: bytes.length, ...fields }), bytes, padding]);
}

/** An extended header; `type` `g` makes it a global one. */
export function paxHeader(records: Readonly<Record<string, string | Uint8Array>>, type = "x") {
  const lines = Object.entries(records).map(([keyword, value]) => paxRecord(keyword, value));
  return tarEntry({ name: "pax", type }, Buffer.concat(lines));
}

/** `LENGTH KEYWORD=VALUE\n`, LENGTH counting its own digits. */
export function paxRecord(keyword: string, value: string | Uint8Array): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${keyword}=`), Buffer.from(value), Buffer.from("\n")]);
  let length = rest.length;
  while (String(length).length + rest.length !== length)
    length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}
