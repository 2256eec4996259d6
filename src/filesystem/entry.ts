/** What a layer holds, one path at a time (OCI image-spec, layer.md). */
import type { Header } from "tar-stream";
import { elfHeaderBytes, isElf } from "../binary/elf/header.ts";
import { isScript, scriptLineBytes } from "../binary/script.ts";

type EntryType = "file" | "directory" | "symlink" | "link" | "other";

export interface Entry {
  /** Without a leading or trailing slash; the root itself is the empty text. */
  readonly path: string;
  readonly type: EntryType;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes, of a regular file. */
  readonly size: number;
  /** Where a symbolic link leads, or which path of the archive a hard link is another name of. */
  readonly target?: string;
  /** The first bytes of an executable file, as many as tell what it is. */
  readonly head?: Uint8Array;
}

/** How many bytes of a file {@link headOf} wants to see. */
export const headBytes = scriptLineBytes;

/** As many of a file's first bytes as tell what runs it: the ELF header, the line of a script, else the magic number. */
export function headOf(first: Uint8Array): Uint8Array {
  if (isElf(first)) return first.subarray(0, elfHeaderBytes);
  return first.subarray(0, isScript(first) ? scriptLineBytes : 4);
}

/** The entry of a tar header; `head` is the file's beginning where it was read. */
export function entryOf(header: Header, head?: Uint8Array): Entry {
  const type = typeOf(header.type);
  const target = type === "link" ? normalizePath(header.linkname ?? "") : header.linkname;
  return {
    path: normalizePath(header.name),
    type,
    mode: (header.mode ?? 0) & 0o7777,
    size: type === "file" ? (header.size ?? 0) : 0,
    ...(target === undefined || target === null || target === "" ? {} : { target }),
    ...(head === undefined ? {} : { head }),
  };
}

/** `./usr//bin/` → `usr/bin`; `..` does not lead out of the root. */
export function normalizePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

function typeOf(type: Header["type"]): EntryType {
  if (type === "directory" || type === "symlink" || type === "link") return type;
  const isFile =
    type === undefined || type === null || type === "file" || type === "contiguous-file";
  return isFile ? "file" : "other";
}
