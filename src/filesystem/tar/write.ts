/** The header of a file, as it is written (POSIX.1-2017, pax, "ustar Interchange Format"). */
import { blockBytes } from "./header.ts";

export interface WrittenHeader {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
}

const mostNameBytes = 100;
/** 11 octal digits; what is more is written in base 256 (GNU tar, "Extensions to the tar Format"). */
const mostOctal = 8 ** 11 - 1;

/** Owner, group and time are 0, so that the same file gives the same bytes. @throws RangeError for a name that is too long */
export function writeHeader({ name, size, mode }: WrittenHeader): Buffer {
  const block = Buffer.alloc(blockBytes);
  if (block.write(name, 0, mostNameBytes) < Buffer.byteLength(name))
    throw new RangeError(`${name} has more than ${mostNameBytes} bytes`);
  writeOctal(block, 100, 7, mode);
  writeOctal(block, 108, 7, 0);
  writeOctal(block, 116, 7, 0);
  if (size <= mostOctal) writeOctal(block, 124, 11, size);
  else {
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(size), 128);
  }
  writeOctal(block, 136, 11, 0);
  // A regular file.
  block.write("0", 156);
  block.write("ustar", 257);
  block.write("00", 263);
  // The sum takes its own field for blanks.
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  writeOctal(block, 148, 6, sum);
  block[154] = 0;
  return block;
}

/** So many digits, and a NUL where nothing else is written behind. */
function writeOctal(block: Buffer, at: number, digits: number, value: number): void {
  block.write(value.toString(8).padStart(digits, "0"), at, "latin1");
}
