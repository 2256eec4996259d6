/** The entries of a layer, gathered from what the walker of its archive tells. */
import type { Hash } from "node:crypto";
import type { ByteRange } from "../binary/bytes.ts";
import type { ContentReader } from "./contents.ts";
import { type Entry, entryOf, shortened } from "./entry.ts";
import { fileReader, type FileReading } from "./file.ts";
import { type MemoryBudget, sentences } from "./limits.ts";
import type { SymbolsWriter } from "./symbols.ts";
import type { TarListener } from "./tar/walker.ts";

/** Said of a layer whose entries were not all kept. */
export const tooMuch = "The image holds more paths than are kept: not all of them were looked at.";

/** How far the second pass has to read, and what it must have read by then. */
export interface Checkpoint {
  readonly bytes: number;
  readonly sha256: string;
}

export interface EntryListing {
  /** Listens to the first pass over the archive. */
  readonly first: TarListener;
  /** Listens to a second one, for the files that need more bytes than the first has kept. */
  readonly second: TarListener;
  readonly entries: readonly Entry[];
  /** Set where a second pass is needed. */
  readonly checkpoint: Checkpoint | undefined;
  /** Hears after each chunk of the first pass how many bytes there were so far, and their hash. */
  reached(bytes: number, hash: Hash): void;
  readonly say: (sentence: string) => void;
  /** Whether all of the layer's entries are there. */
  isWhole(): boolean;
  unread(): readonly string[];
}

interface Needy {
  /** Its place in the list of entries. */
  readonly index: number;
  readonly ranges: readonly ByteRange[];
}

export function entryListing(options: {
  readonly contents: ContentReader;
  readonly budget: MemoryBudget;
  readonly symbols: SymbolsWriter;
}): EntryListing {
  const { contents, budget, symbols } = options;
  const entries: Entry[] = [];
  const unread = sentences();
  const files = fileReader(contents);
  /** The files that need a second pass, by their number in the archive. */
  const needy = new Map<number, Needy>();
  let isNew = false;
  let checkpoint: Checkpoint | undefined;
  let isCut = false;
  let number = 0;
  let current: Entry | undefined;

  function keep(entry: Entry): void {
    if (isCut) return;
    if (budget.take(weightOf(entry))) entries.push(entry);
    else cut();
  }

  function cut(): void {
    isCut = true;
    unread.say(tooMuch);
  }

  /** The entry with what its bytes have told. */
  function told(entry: Entry, reading: FileReading): Entry {
    switch (reading.outcome) {
      case "read": {
        const { content } = reading;
        if (content === undefined) return entry;
        const slice = reading.symbols && symbols.add(contents.encodeSymbols(reading.symbols));
        if (reading.symbols !== undefined && slice === undefined)
          unread.say("There is no room for the symbols of all of its files.");
        const place = slice === undefined ? {} : { symbols: { shelf: symbols, slice } };
        return { ...entry, content, ...place };
      }
      case "needs":
        unread.say(`${shortened(entry.path)} could not be read in two passes.`);
        return entry;
      case "too-large":
        unread.say(
          `${shortened(entry.path)} was not read: ${reading.bytes} bytes of it would have to be kept.`,
        );
        return entry;
    }
  }

  const first: TarListener = {
    entry(header) {
      number += 1;
      const { entry, problem } = entryOf(header);
      if (problem !== undefined) unread.say(problem);
      current = entry;
      if (entry === undefined || isCut) return false;
      if (entry.type !== "file" || header.isSparse) {
        keep(entry);
        return false;
      }
      files.begin(entry);
      return true;
    },
    data: (bytes) => files.data(bytes),
    end() {
      if (current === undefined) return;
      const reading = files.end();
      if (reading.outcome === "needs") {
        needy.set(number, { index: entries.length, ranges: reading.ranges });
        isNew = true;
        keep(current);
      } else keep(told(current, reading));
    },
  };

  let wanted: Needy | undefined;
  let numberAgain = 0;
  const second: TarListener = {
    entry() {
      numberAgain += 1;
      wanted = needy.get(numberAgain);
      current = wanted && entries[wanted.index];
      if (wanted === undefined || current === undefined) return false;
      files.begin(current, wanted.ranges);
      return true;
    },
    data: (bytes) => files.data(bytes),
    end() {
      if (wanted === undefined || current === undefined) return;
      const entry = told(current, files.end());
      if (budget.take(contentWeight(entry.content), 0)) entries[wanted.index] = entry;
      else cut();
    },
  };

  return {
    first,
    second,
    entries,
    get checkpoint() {
      return checkpoint;
    },
    reached(bytes, hash) {
      if (isNew) checkpoint = { bytes, sha256: hash.copy().digest("hex") };
      isNew = false;
    },
    say: (sentence) => unread.say(sentence),
    isWhole: () => !isCut,
    unread: () => unread.list(),
  };
}

/** Bytes of memory, about, beyond what every entry takes. */
function weightOf({ path, target = "", content }: Entry): number {
  return path.length + target.length + contentWeight(content);
}

function contentWeight(value: unknown): number {
  if (typeof value === "string") return 16 + value.length;
  if (value instanceof Uint8Array) return 64 + value.length;
  if (value === undefined) return 0;
  if (typeof value !== "object" || value === null) return 8;
  let weight = 32;
  for (const part of Object.values(value)) weight += contentWeight(part);
  return weight;
}
