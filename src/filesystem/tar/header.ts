/**
 * A block of 512 bytes that begins a file of an archive: ustar, GNU, star and the old v7 format.
 * What is read, and what is refused, is what Go's `archive/tar` reads and refuses, since every engine unpacks with it.
 */
import { readNumber, readOctal, readText, TarError } from "./field.ts";

export const blockBytes = 512;

/** What an archive says of a path. */
export type TarHeader = Readonly<HeaderFields>;

/** The same while extended headers are laid over it. */
export interface HeaderFields {
  /** As the archive writes it. */
  name: string;
  /** The type flag: `0` file, `1` link, `2` symlink, `5` directory … */
  type: string;
  /** All bits of the field. */
  mode: number;
  uid: number;
  gid: number;
  /** Bytes of the file; of a sparse one with its holes. */
  size: number;
  /** Bytes that follow in the archive. */
  stored: number;
  /** Where a link leads; empty for what is none. */
  linkName: string;
  /** Its holes are left out (GNU sparse formats): its bytes cannot be read as they stand. */
  isSparse: boolean;
  /** It has file capabilities (`security.capability`). */
  hasCapabilities: boolean;
  deviceMajor: number;
  deviceMinor: number;
}

/** The header in `block`, from `at` on; `undefined` where all of it is zero. @throws TarError */
export function readHeader(block: Buffer, at: number): HeaderFields | undefined {
  if (block[at] === 0 && isZero(block, at)) return undefined;
  checkSum(block, at);
  const format = formatOf(block, at);
  const size = readNumber(block, at + 124, at + 136);
  const header: HeaderFields = {
    name: readText(block, at, at + 100),
    type: String.fromCharCode(block[at + 156] ?? 0),
    mode: readNumber(block, at + 100, at + 108),
    uid: readNumber(block, at + 108, at + 116),
    gid: readNumber(block, at + 116, at + 124),
    size,
    stored: size,
    linkName: block[at + 157] === 0 ? "" : readText(block, at + 157, at + 257),
    isSparse: false,
    hasCapabilities: false,
    deviceMajor: 0,
    deviceMinor: 0,
  };
  // Its time is of no use here; a wrong one makes the engine refuse the archive.
  readNumber(block, at + 136, at + 148);
  if (format !== "v7") {
    header.deviceMajor = readNumber(block, at + 329, at + 337);
    header.deviceMinor = readNumber(block, at + 337, at + 345);
    const prefix = readPrefix(block, at, format);
    if (prefix !== "") header.name = `${prefix}/${header.name}`;
  }
  return header;
}

/** What the old GNU format of sparse files adds to the header in `block`. @throws TarError */
export function readSparse(
  block: Buffer,
  at: number,
): { readonly size: number; readonly hasMore: boolean } {
  if (formatOf(block, at) !== "gnu") throw new TarError("a sparse file is not of GNU's format");
  return { size: readNumber(block, at + 483, at + 495), hasMore: block[at + 482] !== 0 };
}

type Format = "v7" | "ustar" | "star" | "gnu";

function formatOf(block: Buffer, at: number): Format {
  const magic = block.toString("latin1", at + 257, at + 265);
  if (magic.startsWith("ustar\0")) {
    return block.toString("latin1", at + 508, at + 512) === "tar\0" ? "star" : "ustar";
  }
  return magic === "ustar  \0" ? "gnu" : "v7";
}

function readPrefix(block: Buffer, at: number, format: Exclude<Format, "v7">): string {
  switch (format) {
    case "ustar":
      return block[at + 345] === 0 ? "" : readText(block, at + 345, at + 500);
    case "star":
      readNumber(block, at + 476, at + 488);
      readNumber(block, at + 488, at + 500);
      return readText(block, at + 345, at + 476);
    case "gnu":
      return buggyPrefix(block, at);
  }
}

/** GNU has times in the place of a prefix; archives of Go before 1.8 have a prefix there nevertheless, and Go reads both. */
function buggyPrefix(block: Buffer, at: number): string {
  try {
    if (block[at + 345] !== 0) readNumber(block, at + 345, at + 357);
    if (block[at + 357] !== 0) readNumber(block, at + 357, at + 369);
    return "";
  } catch {
    const prefix = readText(block, at + 345, at + 500);
    // oxlint-disable-next-line no-control-regex
    return /^[\0-\x7f]*$/.test(prefix) ? prefix : "";
  }
}

/** The sum of all bytes, its own field counted as spaces; Sun's tar took the bytes for signed ones. */
function checkSum(block: Uint8Array, at: number): void {
  let unsigned = 8 * 0x20;
  let negative = 0;
  for (let n = at; n < at + blockBytes; n++) {
    if (n === at + 148) n += 8;
    const byte = block[n] ?? 0;
    unsigned += byte;
    negative += byte >> 7;
  }
  const written = readOctal(block, at + 148, at + 156);
  if (written !== unsigned && written !== unsigned - negative * 256) {
    throw new TarError("a header's checksum is wrong");
  }
}

function isZero(block: Uint8Array, at: number): boolean {
  for (let n = at; n < at + blockBytes; n++) if (block[n] !== 0) return false;
  return true;
}
