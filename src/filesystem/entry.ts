/** What a layer holds, one path at a time (OCI image-spec, layer.md). */
import type { Content } from "../binary/content.ts";
import type { SlicePlace } from "./slices.ts";
import type { TarHeader } from "./tar/header.ts";

export type EntryType =
  | "file"
  | "directory"
  | "symlink"
  /** A hard link; in the merged tree one whose target is not there. */
  | "link"
  | "device"
  | "fifo"
  /** What no engine unpacks. */
  | "other";

export interface Entry {
  /** Without a leading or trailing slash; the root itself is the empty text. */
  readonly path: string;
  readonly type: EntryType;
  /** Permission bits, with set-user-ID, set-group-ID and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes, of a regular file. */
  readonly size: number;
  /** Where a symbolic link leads, or which path of the archive a hard link is another name of. */
  readonly target?: string;
  /** What a regular file is to whoever would run or load it; absent where it is nothing of that kind. */
  readonly content?: Content;
  /** Where the symbols of an ELF file are kept: for `LayerFacts.symbols`. */
  readonly symbols?: SlicePlace;
  /** It gives whoever runs it rights of its own (capabilities(7), "File capabilities"). */
  readonly hasCapabilities?: true;
}

/** An entry without what its bytes tell. */
export interface EntryReading {
  /** Absent where the path is passed over. */
  readonly entry?: Entry;
  /** Why an engine may refuse it, or what of it was not read: a sentence. */
  readonly problem?: string;
}

/** The kernel's limits, in bytes (`PATH_MAX` with its NUL, `NAME_MAX`). */
const mostPathBytes = 4095;
const mostNameBytes = 255;

/**
 * The entry of a tar header. Names are read as the engines read them inside the root of the container: `..` and a
 * leading slash lead no further than the root (moby unpacks in a chroot, containerd by continuity's RootPath).
 */
export function entryOf(header: TarHeader): EntryReading {
  const path = normalizePath(header.name);
  const type = typeOf(header.type);
  const problem = nameProblem(path, type);
  if (problem !== undefined) return { problem };
  const target = type === "link" ? normalizePath(header.linkName) : header.linkName;
  const isLink = type === "symlink" || type === "link";
  const entry: Entry = {
    path,
    type,
    mode: header.mode & 0o7777,
    uid: header.uid,
    gid: header.gid,
    size: type === "file" ? header.size : 0,
    ...(isLink ? { target } : {}),
    ...(header.hasCapabilities ? { hasCapabilities: true } : {}),
  };
  const doubt = doubtOf(header, entry);
  return doubt === undefined ? { entry } : { entry, problem: doubt };
}

/** `./usr//bin/` → `usr/bin`; `..` does not lead out of the root. */
export function normalizePath(path: string): string {
  if (isNormal(path)) return path;
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

/** Whether nothing has to be taken away: most paths of most layers, but for the last slash. */
function isNormal(path: string): boolean {
  let start = 0;
  for (let at = 0; at <= path.length; at++) {
    if (at < path.length && path.charCodeAt(at) !== slash) continue;
    const length = at - start;
    if (length === 0 && path.length > 0) return false;
    if (length <= 2 && length > 0 && isDots(path, start, at)) return false;
    start = at + 1;
  }
  return true;
}

const slash = 0x2f;
const dot = 0x2e;

function isDots(path: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (path.charCodeAt(at) !== dot) return false;
  return true;
}

function typeOf(flag: string): EntryType {
  switch (flag) {
    case "0":
      return "file";
    case "1":
      return "link";
    case "2":
      return "symlink";
    case "3":
    case "4":
      return "device";
    case "5":
      return "directory";
    case "6":
      return "fifo";
    default:
      return "other";
  }
}

/** Why the path cannot be unpacked at all. */
function nameProblem(path: string, type: EntryType): string | undefined {
  if (path === "" && type !== "directory") return "A file without a name was passed over.";
  if (path.length * 3 > mostNameBytes) {
    const bytes = Buffer.byteLength(path);
    if (bytes > mostPathBytes)
      return `${shortened(path)} was passed over: no path may have ${bytes} bytes.`;
    const longest = path.split("/").find((name) => Buffer.byteLength(name) > mostNameBytes);
    if (longest !== undefined)
      return `${shortened(path)} was passed over: a name in it has more than ${mostNameBytes} bytes.`;
  }
  return /(?:^|\/)\.wh\.\.{0,2}$/.test(path)
    ? `${shortened(path)} was passed over: it takes nothing away that has a name.`
    : undefined;
}

/** Why an engine may refuse the entry, or what of it is not read. */
function doubtOf(header: TarHeader, { path, type, target }: Entry): string | undefined {
  if (type === "other") {
    const flag = JSON.stringify(header.type);
    return `${shortened(path)} has the type ${flag} in its archive, which engines refuse to unpack.`;
  }
  if (header.isSparse) return `${shortened(path)} is stored with holes: its bytes were not read.`;
  if (target === "") return `${shortened(path)} is a link that leads nowhere.`;
  return undefined;
}

/** A path for a sentence: in quotes where it holds what no terminal should get, cut where it is long. */
export function shortened(path: string): string {
  const text = path.length > 100 ? `${path.slice(0, 60)}…${path.slice(-30)}` : path;
  return /^[\x21-\x7e]+$/.test(text) ? `/${text}` : JSON.stringify(`/${text}`);
}
