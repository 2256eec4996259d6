/** What a file of an image is to whoever would run or load it. */
import type { ByteRange, FileBytes } from "./bytes.ts";
import type { Elf } from "./elf/elf.ts";
import { isElf } from "./elf/header.ts";
import { elfRanges } from "./elf/ranges.ts";
import { readElf, readElfHead } from "./elf/reading.ts";
import { encodeSymbolTables } from "./elf/symbol-codec.ts";
import { type FileKind, fileKind } from "./file-kind.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { isLoader, loaderDirectories } from "./loader-directories.ts";
import { type LoaderCache, readLoaderCache } from "./loader-cache.ts";
import { readMachO } from "./mach-o.ts";
import { type Pe, readPe } from "./pe.ts";
import { scriptLineBytes } from "./script.ts";
import { readZip } from "./zip.ts";

export type Content =
  | {
      readonly kind: "elf";
      readonly elf: Elf;
      /** Of a program without a build id: a hash of its size and its beginning, by which the same program is told on another platform. */
      readonly fingerprint?: string;
      /** Of glibc's loader: the directories that this build of it searches at last, each with a slash at its end. */
      readonly directories?: readonly string[];
      /** Why its symbols are not known. */
      readonly unread?: string;
    }
  /** An ELF magic number, and behind it nothing that a loader reads. */
  | { readonly kind: "damaged-elf"; readonly problem: string }
  /** Its first bytes, as many as the kernel looks at. */
  | { readonly kind: "script"; readonly head: Uint8Array }
  /** Go's words for the architectures of a Mach-O file, one, or several in a fat one: `arm64`, `amd64`. */
  | { readonly kind: "mach-o"; readonly architectures: readonly string[] }
  /** Go's word for the architecture of a PE file. */
  | ({ readonly kind: "pe" } & Pe)
  /** A jar, wheel or other zip archive: the native programs and libraries in it. */
  | {
      readonly kind: "archive";
      readonly members: readonly ArchiveMember[];
      readonly unread?: string;
    }
  /** `/etc/ld.so.cache`. */
  | { readonly kind: "loader-cache"; readonly cache: LoaderCache }
  /** The same, where the loader would not use it. */
  | { readonly kind: "damaged-loader-cache"; readonly problem: string }
  /** A file of settings that a loader or the engine reads: `/etc/ld-musl-*.path`, `/etc/ld.so.preload`, `/etc/passwd`, `/etc/group` … */
  | { readonly kind: "text"; readonly text: string }
  /** An executable that is none of these: its first four bytes. */
  | { readonly kind: "other"; readonly head: Uint8Array };

/** A native program or library inside an archive. */
export interface ArchiveMember {
  /** Its path in the archive, an inner archive's after `!/`: `lib/inner.jar!/linux/x86_64/libfoo.so`. */
  readonly path: string;
  readonly content:
    /** From its first bytes alone: machine, interpreter, notes; whether it has a dynamic section is not said. */
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
  /** The head is enough, and {@link readContent} is given it as the file's bytes. */
  | { readonly kind: "head" }
  | { readonly kind: "whole" }
  | { readonly kind: "ranges"; readonly ranges: readonly ByteRange[] };

export type ContentReading =
  | {
      readonly outcome: "read";
      readonly content?: Content;
      /** The tables of an ELF file's dynamic symbols (`encodeSymbolTables`), partly in the memory that they were read from. */
      readonly symbols?: readonly Uint8Array[];
    }
  | { readonly outcome: "needs"; readonly ranges: readonly ByteRange[] };

/** What is kept whole of each kind, at most. */
const mostBytes = {
  elf: 1024 * 1024,
  archive: 32 * 1024 * 1024,
  loaderCache: 8 * 1024 * 1024,
  text: 1024 * 1024,
} as const;

/** What to keep of a file while it streams by; `head` is its first {@link headBytes} bytes, or all of a shorter one. */
export function wantedBytes(file: FileName, head: Uint8Array): WantedBytes {
  switch (fileKind(file, head)) {
    case "elf":
      if (file.size <= mostBytes.elf) return { kind: "whole" };
      return { kind: "ranges", ranges: elfRanges(head, file.size) };
    case "archive":
      return { kind: file.size <= mostBytes.archive ? "whole" : "head" };
    case "loader-cache":
      return { kind: file.size <= mostBytes.loaderCache ? "whole" : "head" };
    case "text":
      return { kind: file.size <= mostBytes.text ? "whole" : "head" };
    case "nothing":
      return { kind: "nothing" };
    case "script":
    case "mach-o":
    case "pe":
    case "other":
      return { kind: "head" };
  }
}

/** Tells what a file is from the bytes that {@link wantedBytes} wanted, and those that an earlier call needed. */
export function readContent(file: FileName, bytes: FileBytes): ContentReading {
  const length = Math.min(headBytes, file.size);
  const head = bytes.read({ offset: 0, length });
  if (head === undefined) return { outcome: "needs", ranges: [{ offset: 0, length }] };
  const kind = fileKind(file, head);
  if (kind === "elf") return readElfContent(file, bytes);
  const content = readOther(kind, file, head, bytes);
  return { outcome: "read", ...(content === undefined ? {} : { content }) };
}

function readElfContent({ path }: FileName, bytes: FileBytes): ContentReading {
  const reading = readElf(bytes);
  switch (reading.outcome) {
    case "needs":
      return reading;
    case "damaged":
      return {
        outcome: "read",
        content: { kind: "damaged-elf", problem: reading.problem },
      };
    case "read": {
      const { elf, symbols, unread } = reading;
      const fingerprint = fingerprintOf(elf, bytes);
      const directories = isLoader(path) ? loaderDirectories(bytes) : undefined;
      const content = {
        kind: "elf",
        elf,
        ...(directories === undefined ? {} : { directories }),
        ...(fingerprint === undefined ? {} : { fingerprint }),
        ...(unread === undefined ? {} : { unread }),
      } as const;
      return {
        outcome: "read",
        content,
        ...(symbols === undefined ? {} : { symbols: encodeSymbolTables(symbols) }),
      };
    }
  }
}

function readOther(
  kind: Exclude<FileKind, "elf">,
  file: FileName,
  head: Uint8Array,
  bytes: FileBytes,
): Content | undefined {
  switch (kind) {
    case "script":
      return { kind, head: copyOf(head, scriptLineBytes) };
    case "mach-o":
      return { kind, architectures: readMachO(head) ?? [] };
    case "pe": {
      const pe = readPe(head);
      return pe && { kind, ...pe };
    }
    case "archive":
      return readArchive(file, bytes);
    case "loader-cache": {
      const whole = wholeOf(file, bytes);
      const cache = whole === undefined ? "it is too large to be read" : readLoaderCache(whole);
      if (typeof cache === "string") return { kind: "damaged-loader-cache", problem: cache };
      return { kind, cache };
    }
    case "text":
      return { kind, text: Buffer.from(wholeOf(file, bytes) ?? head).toString("utf8") };
    case "other":
      return { kind, head: copyOf(head, 4) };
    case "nothing":
      return undefined;
  }
}

/** A copy: `slice` of a Buffer shows the same memory, which the reader of a layer uses again. */
function copyOf(head: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from(head.subarray(0, length));
}

function wholeOf({ size }: FileName, bytes: FileBytes): Uint8Array | undefined {
  return bytes.read({ offset: 0, length: size });
}

function readArchive(file: FileName, bytes: FileBytes): Content {
  const whole = wholeOf(file, bytes);
  if (whole === undefined) {
    const megabytes = mostBytes.archive / (1024 * 1024);
    return { kind: "archive", members: [], unread: `it is larger than ${megabytes} MiB` };
  }
  const { members, unread } = readZip(whole);
  const native = members.flatMap(({ path, head, size }) => {
    const content = memberContent(head, size);
    return content === undefined ? [] : [{ path, content }];
  });
  return { kind: "archive", members: native, ...(unread === undefined ? {} : { unread }) };
}

function memberContent(head: Uint8Array, size: number): ArchiveMember["content"] | undefined {
  if (isElf(head)) {
    const reading = readElfHead(head, size);
    if (reading.outcome === "read") return { kind: "elf", elf: reading.elf };
    return reading.outcome === "damaged"
      ? { kind: "damaged-elf", problem: reading.problem }
      : undefined;
  }
  const architectures = readMachO(head);
  if (architectures !== undefined) return { kind: "mach-o", architectures };
  const pe = readPe(head);
  return pe && { kind: "pe", ...pe };
}
