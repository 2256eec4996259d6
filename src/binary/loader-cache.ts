/** `/etc/ld.so.cache`, in glibc's old and new format (glibc, `sysdeps/generic/dl-cache.h`, `elf/dl-cache.c`, `elf/cache.c`). */

import { viewOf } from "./bytes.ts";
import { StringTable } from "./strings.ts";

export interface LoaderCache {
  /** In the file's order: names descend, for the loader searches it by halves. */
  readonly entries: readonly LoaderCacheEntry[];
  /** Absent where it does not say; a loader of the other order does not use it. */
  readonly littleEndian?: boolean;
}

export interface LoaderCacheEntry {
  /** `libc.so.6`. */
  readonly soname: string;
  /** `/lib/x86_64-linux-gnu/libc.so.6`. */
  readonly path: string;
  /** `FLAG_ELF_LIBC6` and the architecture's bits (`dl-cache.h`): 0x0303 is x86-64, 0x0a03 aarch64, 0x0903 arm hard float. */
  readonly flags: number;
  /** The subdirectory of glibc-hwcaps, such as `x86-64-v3`, where the entry has one. */
  readonly hwcap?: string;
  /** The entry is of the older mechanism that glibc 2.37 dropped, and since then passes over: a subdirectory such as `tls` or `haswell`. */
  readonly isLegacy?: true;
}

const oldMagic = "ld.so-1.7.0";
const newMagic = "glibc-ld.so.cache1.1";

const oldHeaderBytes = 16;
const oldEntryBytes = 12;
const newHeaderBytes = 48;
const newEntryBytes = 24;

const tooShort = "it ends before its entries do";
const tooLong = "it has more entries than any system has libraries";
const badName = "a name in it has no end";

/** How the new format says which byte order it is in; 0 says nothing, 1 is invalid. */
const byteOrders = { unset: 0, invalid: 1, little: 2, big: 3 } as const;

const extensionMagic = 0xeaa42174;
const hwcapsTag = 1;
const mostSections = 64;

/** More than a system has libraries, and processors. */
const mostEntries = 100_000;
const mostHwcaps = 1024;

/** Bit 62 of `hwcap`: its lower half counts in the list of glibc-hwcaps; the ten bits above that are a level, and no part of the test. */
const extensionBit = 0x40000000;
const levelMask = 0x3ff;

/** Reads the cache; a sentence where the loader would not use it. */
export function readLoaderCache(bytes: Uint8Array): LoaderCache | string {
  if (startsWith(bytes, 0, newMagic)) return readNew(bytes, 0);
  if (!startsWith(bytes, 0, oldMagic) || bytes.byteLength <= oldHeaderBytes) {
    return "it does not begin as a loader's cache does";
  }
  return readOld(bytes);
}

function readOld(bytes: Uint8Array): LoaderCache | string {
  const view = viewOf(bytes);
  // The old format does not say its byte order; only one of them makes the entries fit.
  const littleEndian = oldEnd(view.getUint32(12, true)) <= bytes.byteLength;
  const end = oldEnd(view.getUint32(12, littleEndian));
  if (end > bytes.byteLength) return tooShort;
  if (end > oldEnd(mostEntries)) return tooLong;
  // The new format follows where a number of its own is aligned.
  const newAt = Math.ceil(end / 8) * 8;
  if (newAt + newHeaderBytes <= bytes.byteLength && startsWith(bytes, newAt, newMagic)) {
    return readNew(bytes, newAt);
  }
  const names = new StringTable(bytes.subarray(end));
  const entries: LoaderCacheEntry[] = [];
  for (let at = oldHeaderBytes; at < end; at += oldEntryBytes) {
    const soname = names.at(view.getUint32(at + 4, littleEndian));
    const path = names.at(view.getUint32(at + 8, littleEndian));
    if (soname === undefined || path === undefined) return badName;
    entries.push({ soname, path, flags: view.getInt32(at, littleEndian) });
  }
  return { entries };
}

function oldEnd(count: number): number {
  return oldHeaderBytes + count * oldEntryBytes;
}

/** Reads the new format, whose places of names count from `start`. */
function readNew(bytes: Uint8Array, start: number): LoaderCache | string {
  const own = bytes.subarray(start);
  const view = viewOf(own);
  if (own.byteLength <= newHeaderBytes) return tooShort;
  const order = (own[28] ?? 0) & 3;
  if (order === byteOrders.invalid) return "it says of itself that it is invalid";
  const isTold = order !== byteOrders.unset;
  const littleEndian = isTold
    ? order === byteOrders.little
    : newEnd(view.getUint32(20, true)) <= own.byteLength;
  const end = newEnd(view.getUint32(20, littleEndian));
  if (end > own.byteLength) return tooShort;
  if (end > newEnd(mostEntries)) return tooLong;
  const hwcaps = readHwcaps(bytes, view.getUint32(32, littleEndian), littleEndian);
  const names = new StringTable(own);
  const entries: LoaderCacheEntry[] = [];
  for (let at = newHeaderBytes; at < end; at += newEntryBytes) {
    const soname = names.at(view.getUint32(at + 4, littleEndian));
    const path = names.at(view.getUint32(at + 8, littleEndian));
    if (soname === undefined || path === undefined) return badName;
    const [low, high] = littleEndian ? [at + 16, at + 20] : [at + 20, at + 16];
    const flags = view.getInt32(at, littleEndian);
    const words = [view.getUint32(low, littleEndian), view.getUint32(high, littleEndian)] as const;
    entries.push({ soname, path, flags, ...hwcapOf(...words, hwcaps) });
  }
  return { entries, ...(isTold ? { littleEndian } : {}) };
}

function newEnd(count: number): number {
  return newHeaderBytes + count * newEntryBytes;
}

function hwcapOf(
  low: number,
  high: number,
  hwcaps: readonly string[],
): Pick<LoaderCacheEntry, "hwcap" | "isLegacy"> {
  if (low === 0 && high === 0) return {};
  const isNamed = (high & ~levelMask) >>> 0 === extensionBit;
  const hwcap = isNamed ? hwcaps[low] : undefined;
  return hwcap === undefined ? { isLegacy: true } : { hwcap };
}

/** The names of the glibc-hwcaps subdirectories (glibc 2.33 and later); none where there is no such part, or a damaged one. */
function readHwcaps(
  bytes: Uint8Array,
  directory: number,
  littleEndian: boolean,
): readonly string[] {
  const view = viewOf(bytes);
  const word = (at: number) =>
    at + 4 <= bytes.byteLength ? view.getUint32(at, littleEndian) : undefined;
  if (directory === 0 || directory % 4 !== 0 || word(directory) !== extensionMagic) return [];
  const count = Math.min(word(directory + 4) ?? 0, mostSections);
  const names = new StringTable(bytes);
  for (let index = 0; index < count; index += 1) {
    const at = directory + 8 + index * 16;
    const [tag, offset, size] = [word(at), word(at + 8), word(at + 12)];
    if (tag !== hwcapsTag || offset === undefined || size === undefined) continue;
    if (size % 4 !== 0 || offset + size > bytes.byteLength) return [];
    const length = Math.min(size / 4, mostHwcaps);
    return Array.from(
      { length },
      (_, number) => names.at(word(offset + number * 4) ?? Infinity) ?? "",
    );
  }
  return [];
}

function startsWith(bytes: Uint8Array, at: number, magic: string): boolean {
  return Buffer.from(bytes.subarray(at, at + magic.length)).toString("latin1") === magic;
}
