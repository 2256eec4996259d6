/** The entries of a layer, gathered from what the walker of its archive tells. */
import type { Hash } from "node:crypto";
import type { ByteRange } from "../binary/bytes.ts";
import type { FileName } from "../binary/content.ts";
import type { ContentReader } from "./contents.ts";
import { type Columns, columnsWriter, contentText } from "./columns/columns.ts";
import { type Entry, entryOf, shortened } from "./entry.ts";
import { fileReader, type FileReading } from "./file.ts";
import { type MemoryBudget, sentences } from "./limits.ts";
import type { SliceWriter } from "./slices.ts";
import type { TarListener } from "./tar/walker.ts";

/** Said of a layer whose entries were not all kept. */
export const tooMuch = "The image holds more paths than are kept: not all of them were looked at.";

/** How far the second pass has to read, and what it must have read by then. */
interface Checkpoint {
  readonly bytes: number;
  readonly sha256: string;
}

export interface EntryListing {
  /** Listens to the first pass over the archive. */
  readonly first: TarListener;
  /** Listens to a second one, for the files that need more bytes than the first has kept. */
  readonly second: TarListener;
  /** Set where a second pass is needed. */
  readonly checkpoint: Checkpoint | undefined;
  /** Hears after each chunk of the first pass how many bytes there were so far, and their hash. */
  reached(bytes: number, hash: Hash): void;
  readonly say: (sentence: string) => void;
  /** Whether all of the layer's entries are there. */
  isWhole(): boolean;
  unread(): readonly string[];
  /** The entries, once all passes are over. */
  finish(): Columns;
  /** Gives back what was taken for a file that did not come to its end. */
  close(): void;
}

/** A file whose content could not be told from what the first pass kept. */
interface Needy extends FileName {
  /** Its number among the entries that are kept. */
  readonly entry: number;
  readonly ranges: readonly ByteRange[];
}

export function entryListing(options: {
  readonly contents: ContentReader;
  readonly budget: MemoryBudget;
  readonly slices: SliceWriter;
}): EntryListing {
  const { contents, budget, slices } = options;
  const columns = columnsWriter(slices);
  const unread = sentences();
  const files = fileReader(contents, budget.rooms);
  /** By their number in the archive. */
  const needy = new Map<number, Needy>();
  let isNew = false;
  let checkpoint: Checkpoint | undefined;
  let isCut = false;
  let number = 0;
  let current: Entry | undefined;

  /** The number of the entry, where there is room for it. */
  function keep(entry: Entry): number | undefined {
    if (!isCut && budget.take(columns.weight(entry))) return columns.add(entry);
    cut();
    return undefined;
  }

  function cut(): void {
    isCut = true;
    unread.say(tooMuch);
  }

  /** Adds to an entry what its bytes have told. */
  function tell(entry: number, { path }: FileName, reading: FileReading): void {
    if (reading.outcome === "needs")
      unread.say(`${shortened(path)} could not be read in two passes.`);
    if (reading.outcome === "too-large") {
      const { bytes } = reading;
      unread.say(`${shortened(path)} was not read: ${bytes} bytes of it would have to be kept.`);
    }
    if (reading.outcome !== "read" || reading.content === undefined) return;
    const text = contentText(reading.content);
    if (!budget.take(text.length, 0)) return cut();
    const slice = reading.symbols && slices.add(reading.symbols);
    if (reading.symbols !== undefined && slice === undefined)
      unread.say("There is no room for the symbols of all of its files.");
    columns.tell(entry, text, slice);
  }

  /** Adds a file of the first pass. */
  function note(file: Entry, reading: FileReading): void {
    const entry = keep(file);
    if (entry === undefined) return;
    if (reading.outcome === "needs") {
      const { path, size, mode } = file;
      needy.set(number, { entry, path, size, mode, ranges: reading.ranges });
      isNew = true;
    } else tell(entry, file, reading);
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
      note(current, files.end());
      files.close();
    },
  };

  let wanted: Needy | undefined;
  let numberAgain = 0;
  const second: TarListener = {
    entry() {
      numberAgain += 1;
      wanted = needy.get(numberAgain);
      if (wanted !== undefined) files.begin(wanted, wanted.ranges);
      return wanted !== undefined;
    },
    data: (bytes) => files.data(bytes),
    end() {
      if (wanted === undefined) return;
      tell(wanted.entry, wanted, files.end());
      files.close();
    },
  };

  return {
    first,
    second,
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
    finish: () => columns.finish(),
    close: () => files.close(),
  };
}
