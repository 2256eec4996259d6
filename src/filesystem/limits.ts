/**
 * How far a layer is read. The numbers keep the process under 256 MB whatever an image holds (two layers at once), and
 * end the time that an archive made to cost time can take. What is beyond the first kind is passed over and said; the
 * second kind ends the reading as LAYER_DAMAGED.
 */

import { type Rooms, rooms } from "./rooms.ts";

export interface UnpackLimits {
  /** Unpacked bytes of one layer. */
  readonly bytes: number;
  /** Unpacked bytes for each packed one, beyond the first `ratioBegins`; deflate itself makes 1,032 at most. */
  readonly ratio: number;
  readonly ratioBegins: number;
}

export const unpackLimits: UnpackLimits = {
  bytes: 64 * 2 ** 30,
  ratio: 1200,
  ratioBegins: 2 ** 30,
};
/** Frames of zstd in one layer: some writers make one of every file, and each takes a way through a thread and back. */
export const mostFrames = 2 ** 20;
/** The largest window of zstd. `zstd -19` takes 8 MiB, which two layers at once may have. */
export const mostWindowBytes = 64 * 2 ** 20;
const usualWindowBytes = 8 * 2 ** 20;
/** Bytes of one file that are kept while it streams by. */
export const mostKeptBytes = 32 * 2 ** 20;
/** Encoded symbols that are kept in memory where they cannot be written to the cache. */
export const mostSymbolBytes = 48 * 2 ** 20;
/** Paths of an image, over all of its layers; the largest public images have some 300,000. */
const mostEntries = 400_000;
/** Bytes of their names, link targets and contents. */
const mostEntryBytes = 48 * 2 ** 20;
/** Sentences about one layer. */
const mostSentences = 50;

/** What an image may take of the memory: one for all of its layers. */
export interface MemoryBudget {
  /** Whether one more entry (or so many) with that many bytes of text may be kept. */
  take(bytes: number, entries?: number): boolean;
  /** That many entries are not kept any more. */
  giveBack(bytes: number, entries: number): void;
  /** Room for the windows of one layer's zstd data. */
  window(): WindowRoom;
  /** Room for the files that are kept while they stream by. */
  readonly rooms: Rooms;
}

interface WindowRoom {
  /** Waits until a window of so many bytes may be taken: of large ones there is one at a time. */
  readonly reserve: (bytes: number) => Promise<void>;
  release(): void;
}

export function memoryBudget(entries = mostEntries, bytes = mostEntryBytes): MemoryBudget {
  let entriesLeft = entries;
  let bytesLeft = bytes;
  let large = Promise.resolve();
  return {
    rooms: rooms(),
    take(more, count = 1) {
      entriesLeft -= count;
      bytesLeft -= more;
      return entriesLeft >= 0 && bytesLeft >= 0;
    },
    giveBack(fewer, count) {
      entriesLeft += count;
      bytesLeft += fewer;
    },
    window() {
      let release: (() => void) | undefined;
      return {
        async reserve(size) {
          if (size <= usualWindowBytes || release !== undefined) return;
          const before = large;
          const own = Promise.withResolvers<void>();
          large = own.promise;
          release = own.resolve;
          await before;
        },
        release: () => release?.(),
      };
    },
  };
}

/** What is said of a layer, each sentence once, and no more than anybody reads. */
export interface Sentences {
  say(sentence: string): void;
  list(): readonly string[];
}

export function sentences(): Sentences {
  const said = new Set<string>();
  let more = 0;
  return {
    say(sentence) {
      if (said.size < mostSentences) said.add(sentence);
      else if (!said.has(sentence)) more += 1;
    },
    list: () =>
      more === 0 ? [...said] : [...said, `${more} more of its files have such problems.`],
  };
}
