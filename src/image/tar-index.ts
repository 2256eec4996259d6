/** What a tar archive on disk holds, and where: one pass over its headers, the bytes of its files passed over. */
import type { FileHandle } from "node:fs/promises";
import { TarError } from "../filesystem/tar/field.ts";
import { blockBytes, type TarHeader } from "../filesystem/tar/header.ts";
import { TarWalker } from "../filesystem/tar/walker.ts";
import { readAt } from "../store/file.ts";

export interface TarMember {
  readonly kind: "file" | "link" | "symlink" | "other";
  /** Where its first byte is. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  /** Where a link leads, as it is written; of a hard link from the archive's root. */
  readonly target: string;
}

/** By path, without a leading or trailing slash. The last one wins where a path stands twice, as it does when docker unpacks. */
export type TarIndex = ReadonlyMap<string, TarMember>;

/** An image's archive has some dozens; with names as long as {@link longestName} they take some 100 MB of memory. */
const mostMembers = 20_000;
/** PATH_MAX of Linux. */
const longestName = 4096;
/** Headers of small files stand close together: so many bytes are read at once. */
const windowBytes = 32 * 1024;
/** Longest chain of links that is followed (path_resolution(7)). */
const mostLinks = 40;

/**
 * Reads the headers of an archive of that size.
 * @throws TarError, its message being one part of a sentence; the signal's reason
 */
export async function indexTar(
  file: FileHandle,
  size: number,
  signal: AbortSignal,
): Promise<TarIndex> {
  const members = new Map<string, TarMember>();
  let at = 0;
  const walker = new TarWalker({
    entry(header) {
      if (at + header.stored > size) {
        const there = Math.max(0, size - at);
        throw new TarError(
          `it is cut short: ${header.name} should have ${header.stored} bytes, and ${there} are there`,
        );
      }
      members.set(memberPath(header.name), memberOf(header, at));
      if (members.size > mostMembers) throw new TarError(`it has more than ${mostMembers} files`);
      return false;
    },
    data: () => true,
    end() {},
  });
  let window: Buffer = Buffer.alloc(0);
  let start = 0;
  while (at < size) {
    if (at < start || at + blockBytes > start + window.length) {
      signal.throwIfAborted();
      start = at;
      window = await readAt(file, at, Math.min(windowBytes, size - at));
      if (window.length === 0) break;
    }
    const block = window.subarray(at - start, at - start + blockBytes);
    at += block.length;
    walker.push(block);
    at += walker.skip();
  }
  walker.end();
  return members;
}

/** A path's regular file, links followed inside the archive; `undefined` where there is none. @throws TarError */
export function findMember(index: TarIndex, path: string): TarMember | undefined {
  let name = memberPath(path);
  for (let links = 0; links <= mostLinks; links += 1) {
    const member = index.get(name);
    if (member === undefined || member.kind === "other") return undefined;
    if (member.kind === "file") return member;
    const isRelative = member.kind === "symlink" && !member.target.startsWith("/");
    const base = isRelative ? name.slice(0, name.lastIndexOf("/") + 1) : "";
    name = memberPath(`${base}${member.target}`);
  }
  return undefined;
}

/** `./a//b/` → `a/b`. @throws TarError where it leads out of the archive */
function memberPath(name: string): string {
  if (name.length > longestName)
    throw new TarError(`it has a name of more than ${longestName} characters`);
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) throw new TarError(`${name} leads out of it`);
  }
  return parts.join("/");
}

function memberOf({ type, stored, isSparse, linkName }: TarHeader, offset: number): TarMember {
  return { kind: isSparse ? "other" : kindOf(type), offset, size: stored, target: linkName };
}

function kindOf(type: string): TarMember["kind"] {
  switch (type) {
    case "0":
    case "7":
      return "file";
    case "1":
      return "link";
    case "2":
      return "symlink";
    default:
      return "other";
  }
}
