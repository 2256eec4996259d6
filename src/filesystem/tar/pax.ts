/** Extended headers: what a header's fields cannot hold (POSIX.1-2017, pax, "pax Extended Header"). */
import { readText, TarError } from "./field.ts";
import type { HeaderFields } from "./header.ts";

/** The keywords of one extended header that are of use here. */
export type PaxRecords = ReadonlyMap<string, string>;

const capability = "SCHILY.xattr.security.capability";
const wanted = new Set([
  "path",
  "linkpath",
  "size",
  "uid",
  "gid",
  "uname",
  "gname",
  "atime",
  "mtime",
  "ctime",
  "GNU.sparse.major",
  "GNU.sparse.minor",
  "GNU.sparse.map",
  "GNU.sparse.name",
  "GNU.sparse.size",
  "GNU.sparse.realsize",
]);
const texts = new Set(["path", "linkpath", "uname", "gname"]);

/** Reads records of the form `LENGTH KEYWORD=VALUE\n`, LENGTH being that of the whole record. @throws TarError */
export function readPax(bytes: Buffer): PaxRecords {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.byteLength;) {
    const { keyword, valueStart, end } = readRecord(bytes, at);
    if (wanted.has(keyword)) {
      if (texts.has(keyword) && bytes.subarray(valueStart, end).includes(0)) {
        throw new TarError(`an extended header's ${keyword} holds a NUL`);
      }
      records.set(keyword, readText(bytes, valueStart, end));
    } else if (keyword === capability) {
      records.set(keyword, end > valueStart ? "yes" : "");
    } else if (keyword === "GNU.sparse.offset") {
      // Format 0.0 writes its map as many records; Go joins them to that of 0.1.
      records.set("GNU.sparse.map", "yes");
    }
    at = end + 1;
  }
  return records;
}

interface PaxRecord {
  readonly keyword: string;
  readonly valueStart: number;
  /** Of the value; a newline follows. */
  readonly end: number;
}

function readRecord(bytes: Buffer, at: number): PaxRecord {
  const space = bytes.indexOf(0x20, at);
  const digits = space === -1 || space - at > 10 ? "" : bytes.toString("latin1", at, space);
  const length = /^\+?\d+$/.test(digits) ? Number(digits) : 0;
  const end = at + length - 1;
  if (length < 5 || end <= space || end >= bytes.byteLength || bytes[end] !== 0x0a) {
    throw new TarError("a record of an extended header has a wrong length");
  }
  const equals = bytes.indexOf(0x3d, space);
  if (equals === -1 || equals > end || equals === space + 1) {
    throw new TarError("a record of an extended header has no keyword");
  }
  const keyword = bytes.toString("latin1", space + 1, equals);
  if (keyword.includes("\0")) throw new TarError("a keyword of an extended header holds a NUL");
  return { keyword, valueStart: equals + 1, end };
}

/** Lays an extended header over a header; an empty value leaves the header's own. @throws TarError */
export function applyPax(header: HeaderFields, records: PaxRecords): void {
  for (const [keyword, value] of records) {
    if (value === "") continue;
    switch (keyword) {
      case "path":
        header.name = value;
        break;
      case "linkpath":
        header.linkName = value;
        break;
      case "uid":
        header.uid = decimal(value);
        break;
      case "gid":
        header.gid = decimal(value);
        break;
      case "size":
        header.size = decimal(value);
        header.stored = header.size;
        break;
      case capability:
        header.hasCapabilities = true;
        break;
      case "atime":
      case "mtime":
      case "ctime":
        if (!/^[+-]?\d+(?:\.\d*)?$/.test(value)) throw new TarError(`a file's ${keyword} is wrong`);
        break;
    }
  }
}

/** GNU's sparse formats 0.0, 0.1 and 1.0: the file's own name and its size with the holes. @throws TarError */
export function applySparse(header: HeaderFields, records: PaxRecords): void {
  const version = ["major", "minor"]
    .map((word) => records.get(`GNU.sparse.${word}`) ?? "")
    .join(".");
  const isKnown =
    ["0.0", "0.1", "1.0"].includes(version) ||
    (version === "." && (records.get("GNU.sparse.map") ?? "") !== "");
  if (!isKnown) return;
  header.isSparse = true;
  header.name = records.get("GNU.sparse.name") || header.name;
  const size = records.get("GNU.sparse.size") || records.get("GNU.sparse.realsize");
  if (size !== undefined && size !== "") header.size = decimal(size);
}

function decimal(value: string): number {
  const number = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(number)) throw new TarError("a number in an extended header is wrong");
  return number;
}
