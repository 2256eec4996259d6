/** The hash tables of dynamic symbols: what a loader finds definitions by, and the only count of the symbols (System V gABI, chapter 5; glibc, `elf/dl-setup_hash.c`). */
import { type DynamicSection, dynamicTags, tableOf } from "./dynamic-section.ts";
import type { ElfHeader } from "./header.ts";
import { isPowerOfTwo, type Place } from "./layout.ts";
import type { ElfSource, ElfTable } from "./source.ts";

/** What is read of the last chain; a longer one is no linker's. */
const longestChainBytes = 4096;

export interface HashedSymbols {
  /** The first symbol that the table leads to, and the one behind the last. */
  readonly first: number;
  readonly count: number;
}

/** The symbols that a hash table leads to, of at most `bound`; glibc and musl prefer the GNU one. */
export function hashedSymbols(
  source: ElfSource,
  section: DynamicSection,
  header: ElfHeader,
  bound: number,
): HashedSymbols {
  const none = { first: bound, count: 0 };
  const gnu = tableOf(section, dynamicTags.gnuHash, source);
  if (gnu !== undefined) return gnuHashed(source, gnu, bound) ?? none;
  const old = tableOf(section, dynamicTags.hash, source);
  if (old === undefined) return none;
  const wordBytes = hasWideHash(header) ? 8 : 4;
  const head = source.table(old.offset, Math.min(2 * wordBytes, old.end - old.offset));
  if (head === undefined || head.bytes.byteLength < 2 * wordBytes) return none;
  const count =
    wordBytes === 8 ? source.word(head, 8) : head.view.getUint32(4, source.littleEndian);
  return { first: 1, count: Math.min(count, bound) };
}

/** Alpha and 64-bit s390 have words of eight bytes in `DT_HASH`. */
function hasWideHash({ machine, bits }: ElfHeader): boolean {
  return bits === 64 && (machine === 22 || machine === 0x9026);
}

interface GnuTable {
  /** The first symbol that it leads to, and the one with which the last chain begins; lower where there are none. */
  readonly first: number;
  readonly last: number;
  readonly filterWords: number;
  readonly bucketCount: number;
  /** Where the chain of {@link first} begins in the file. */
  readonly chainsAt: number;
}

function readGnuTable(source: ElfSource, { offset, end }: Place): GnuTable | undefined {
  const head = source.table(offset, Math.min(16, end - offset));
  if (head === undefined || head.bytes.byteLength < 16) return undefined;
  const number = (table: ElfTable, at: number) => table.view.getUint32(at, source.littleEndian);
  const [bucketCount, first, filterWords] = [number(head, 0), number(head, 4), number(head, 8)];
  const bucketsAt = offset + 16 + filterWords * source.wordBytes;
  const chainsAt = bucketsAt + bucketCount * 4;
  if (chainsAt > end) return undefined;
  const buckets = source.table(bucketsAt, bucketCount * 4);
  if (buckets === undefined) return undefined;
  let last = 0;
  for (let at = 0; at < bucketCount * 4; at += 4) last = Math.max(last, number(buckets, at));
  return { first, last, filterWords, bucketCount, chainsAt };
}

/** `DT_GNU_HASH` counts nothing: the last chain's last entry is the last symbol. */
function gnuHashed(source: ElfSource, place: Place, bound: number): HashedSymbols | undefined {
  const table = readGnuTable(source, place);
  if (table === undefined) return undefined;
  const { first, last, chainsAt } = table;
  if (last < first) return { first: bound, count: 0 };
  const chain = source.table(
    chainsAt + (last - first) * 4,
    Math.max(Math.min(place.end - chainsAt - (last - first) * 4, longestChainBytes), 0),
  );
  if (chain === undefined) return undefined;
  let count = last + 1;
  for (let at = 0; at + 4 <= chain.bytes.byteLength; at += 4, count += 1) {
    if ((chain.view.getUint32(at, source.littleEndian) & 1) === 1) break;
  }
  return { first, count: Math.min(count, bound) };
}

/** The first symbol that the GNU hash table leads to, and the hash of its name. */
export interface FirstHashed {
  readonly symbol: number;
  /** Without its last bit, which tells the end of a chain. */
  readonly hash: number;
}

/**
 * `none` where the object has no such table, or gives nothing to others; `odd` where its filter has a size that glibc stops at (no
 * power of two), or it does not end in its segment.
 */
export function firstHashed(
  source: ElfSource,
  section: DynamicSection,
): FirstHashed | "none" | "odd" {
  const place = tableOf(section, dynamicTags.gnuHash, source);
  if (place === undefined) return "none";
  const table = readGnuTable(source, place);
  if (table === undefined) return "odd";
  const { first, last, filterWords, bucketCount, chainsAt } = table;
  if (bucketCount === 0 || !isPowerOfTwo(filterWords)) return "odd";
  if (last < first) return "none";
  const chain = source.table(chainsAt, 4);
  if (chain === undefined) return "odd";
  return { symbol: first, hash: chain.view.getUint32(0, source.littleEndian) >>> 1 };
}

/** Without its last bit (glibc, `_dl_new_hash` in `sysdeps/generic/dl-new-hash.h`). */
export function gnuHash(name: Uint8Array): number {
  let hash = 5381;
  for (const byte of name) hash = (Math.imul(hash, 33) + byte) >>> 0;
  return hash >>> 1;
}
