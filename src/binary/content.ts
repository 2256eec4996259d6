/** What a file of an image is to whoever would run or load it. */
import type { Elf } from "./elf/elf.ts";
import type { ByteRange, FileBytes } from "./bytes.ts";
import type { ElfSymbols } from "./elf/symbols.ts";
import type { LoaderCache } from "./loader-cache.ts";

export type Content =
  | { readonly kind: "elf"; readonly elf: Elf }
  /** An ELF magic number, and behind it nothing that a loader reads. */
  | { readonly kind: "damaged-elf"; readonly problem: string }
  /** Its first bytes, as many as the kernel looks at. */
  | { readonly kind: "script"; readonly head: Uint8Array }
  /** Go's words for the architectures of a Mach-O file, one, or several in a fat one: `arm64`, `amd64`. */
  | { readonly kind: "mach-o"; readonly architectures: readonly string[] }
  /** Go's word for the architecture of a PE file. */
  | { readonly kind: "pe"; readonly architecture: string }
  /** A jar, wheel or other zip archive: the native programs and libraries in it. */
  | {
      readonly kind: "archive";
      readonly members: readonly ArchiveMember[];
      readonly unread?: string;
    }
  /** `/etc/ld.so.cache`. */
  | { readonly kind: "loader-cache"; readonly cache: LoaderCache }
  /** A file of settings that a loader or the engine reads: `/etc/ld-musl-*.path`, `/etc/ld.so.preload`, `/etc/passwd`, `/etc/group` … */
  | { readonly kind: "text"; readonly text: string }
  /** An executable that is none of these: its first four bytes. */
  | { readonly kind: "other"; readonly head: Uint8Array };

/** A native program or library inside an archive. */
export interface ArchiveMember {
  /** Its path in the archive, an inner archive's after `!/`: `lib/inner.jar!/linux/x86_64/libfoo.so`. */
  readonly path: string;
  readonly content:
    | { readonly kind: "elf"; readonly elf: Elf }
    | Extract<Content, { kind: "mach-o" | "pe" | "damaged-elf" }>;
}

/** What is known of a file before its bytes come. */
export interface FileName {
  /** In the image, without a leading slash. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
}

/** How many of a file's first bytes {@link wantedBytes} wants to see (or all, of a shorter one). */
export const headBytes = 4096;

/** What has to be kept of a file while it streams by, so that {@link readContent} can tell what it is. */
export type WantedBytes =
  | { readonly kind: "nothing" }
  /** The head is enough. */
  | { readonly kind: "head" }
  | { readonly kind: "whole" }
  | { readonly kind: "ranges"; readonly ranges: readonly ByteRange[] };

export type ContentReading =
  | { readonly outcome: "read"; readonly content?: Content; readonly symbols?: ElfSymbols }
  | { readonly outcome: "needs"; readonly ranges: readonly ByteRange[] };

export declare function wantedBytes(file: FileName, head: Uint8Array): WantedBytes;
export declare function readContent(file: FileName, bytes: FileBytes): ContentReading;
