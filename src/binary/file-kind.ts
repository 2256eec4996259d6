/** Which reader a file is for, by its first bytes, its path and its mode. */
import type { FileName } from "./content.ts";
import { isElf } from "./elf/header.ts";
import { readMachO } from "./mach-o.ts";
import { readPe } from "./pe.ts";
import { isScript } from "./script.ts";
import { isZip } from "./zip-directory.ts";

const loaderCachePath = "etc/ld.so.cache";
const archiveName = /\.(?:jar|whl|war|ear|zip|egg)$/i;

/** What loaders and engines read as text. */
const textPaths = new Set([
  "etc/ld.so.preload",
  "etc/ld.so.conf",
  "etc/passwd",
  "etc/group",
  "etc/os-release",
  "usr/lib/os-release",
]);
const textDirectories = /^etc\/(?:ld-musl-[^/]*\.path|ld\.so\.conf\.d\/[^/]*)$/;

export type FileKind =
  | "elf"
  | "script"
  | "mach-o"
  | "pe"
  | "archive"
  | "loader-cache"
  | "text"
  | "other"
  | "nothing";

/** Called for every file of an image: by its first bytes, and by its path only where that may matter. */
export function fileKind({ path, mode, size }: FileName, head: Uint8Array): FileKind {
  if (size >= 4) {
    const kind = kindOfMagic(path, head);
    if (kind !== undefined) return kind;
  }
  if (path.startsWith("etc/") || path === "usr/lib/os-release") {
    if (path === loaderCachePath) return "loader-cache";
    if (textPaths.has(path) || textDirectories.test(path)) return "text";
  }
  return (mode & 0o111) === 0 ? "nothing" : "other";
}

function kindOfMagic(path: string, head: Uint8Array): FileKind | undefined {
  switch (head[0] ?? 0) {
    case 0x7f:
      return isElf(head) ? "elf" : undefined;
    case 0x23:
      return isScript(head) ? "script" : undefined;
    case 0x50:
      return isZip(head) && archiveName.test(path) ? "archive" : undefined;
    case 0x4d:
      return readPe(head) === undefined ? undefined : "pe";
    case 0xca:
    case 0xce:
    case 0xcf:
    case 0xfe:
      return readMachO(head) === undefined ? undefined : "mach-o";
    default:
      return undefined;
  }
}
