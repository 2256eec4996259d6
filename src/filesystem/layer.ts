/** A layer as it streams: unpacked in memory of bounded size, its bytes hashed, its entries told. */
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { ElfSymbols } from "../binary/elf/symbols.ts";
import { fail, isFailure } from "../errors.ts";
import { type Digest, digestFromHex } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import type { ContentSource } from "../oci/source.ts";
import type { Columns } from "./columns/columns.ts";
import { columnList, type EntryList } from "./columns/list.ts";
import { type ContentReader, contentReader } from "./contents.ts";
import type { Entry } from "./entry.ts";
import { type MemoryBudget, memoryBudget } from "./limits.ts";
import { type EntryListing, entryListing } from "./listing.ts";
import { type SliceShelf, type SliceWriter, sliceWriter } from "./slices.ts";
import { TarWalker } from "./tar/walker.ts";
import { unpack } from "./unpack/unpack.ts";

/** What is known of a layer after it has been read. */
export interface LayerFacts {
  /** Of the uncompressed archive (OCI image-spec, config.md, "Layer DiffID"). */
  readonly diffId: Digest;
  /** Bytes of the uncompressed archive. */
  readonly bytes: number;
  /** In the archive's order, all made at once; a path may come more than once. */
  readonly entries: readonly Entry[];
  /** The same, each made where somebody asks for it. */
  readonly list: EntryList;
  /** What was not read of it, or may be refused by an engine: sentences. Where there is one, nothing is proven. */
  readonly unread: readonly string[];
  /** Whether the budget had room for all of its entries; such facts alone are the layer's own, and may be kept. */
  readonly isWhole: boolean;
  /**
   * The symbols of an ELF file, of this layer or another one; `undefined` where it has none, or they are not what was
   * written any more.
   */
  symbols(entry: Entry): Promise<ElfSymbols | undefined>;
  /** Lets go of the symbols; `symbols` knows none of this layer's from here on. */
  close(): void;
}

export interface LayerOptions {
  readonly signal: AbortSignal;
  /** What all layers of the image may take of the memory; absent: this one may take all of it. */
  readonly budget?: MemoryBudget;
  /** Where symbols and contents are kept; absent: in memory. */
  readonly slices?: SliceWriter;
  readonly contents?: ContentReader;
}

/** Facts as they are gathered, before anybody asks for an entry. */
export interface LayerColumns extends Pick<LayerFacts, "diffId" | "bytes" | "unread" | "isWhole"> {
  readonly columns: Columns;
  readonly shelf: SliceShelf;
  readonly contents: ContentReader;
}

/** What a layer holds. @throws what {@link readColumns} throws */
export async function readLayer(
  layer: Descriptor,
  source: ContentSource,
  options: LayerOptions,
): Promise<LayerFacts> {
  return layerFactsOf(await readColumns(layer, source, options));
}

/**
 * Reads a layer of any compression (plain, gzip, zstd), told by its first bytes and not by its label. Where the content
 * of some files needs bytes that the first pass did not keep, the layer is read once more, for those files alone.
 * @throws LAYER_DAMAGED, the source's own errors (a digest or size that differs), the signal's reason
 */
export async function readColumns(
  layer: Descriptor,
  source: ContentSource,
  options: LayerOptions,
): Promise<LayerColumns> {
  const { signal, contents = contentReader, budget = memoryBudget() } = options;
  const slices = options.slices ?? sliceWriter(undefined, 0);
  const archive: Archive = { open: async () => await source.open(layer), budget, signal };
  const listing = entryListing({ contents, budget, slices });
  budget.rooms.enter();
  try {
    const { diffId, bytes } = await readOnce(archive, listing);
    await readAgain(archive, listing);
    const [unread, isWhole] = [listing.unread(), listing.isWhole()];
    const about = { diffId, bytes, unread, isWhole };
    return { ...about, columns: listing.finish(), shelf: slices, contents };
  } catch (error) {
    if (options.signal.aborted) throw options.signal.reason;
    if (isFailure(error)) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    throw fail("LAYER_DAMAGED", { digest: layer.digest, problem }, { cause: error });
  } finally {
    listing.close();
    budget.rooms.leave();
  }
}

/** Where the archive's bytes come from, and what it may take. */
interface Archive {
  readonly open: () => Promise<Readable>;
  readonly budget: MemoryBudget;
  readonly signal: AbortSignal;
}

async function readOnce(
  archive: Archive,
  listing: EntryListing,
): Promise<Pick<LayerFacts, "diffId" | "bytes">> {
  const hash = createHash("sha256");
  const walker = new TarWalker(listing.first);
  let bytes = 0;
  await eachChunk(archive, listing, async (chunk) => {
    hash.update(chunk);
    await walk(walker, chunk, archive);
    bytes += chunk.length;
    listing.reached(bytes, hash);
    return "go on";
  });
  walker.end();
  return { diffId: digestFromHex(hash.digest("hex")), bytes };
}

/** Reads as far as the last file that needs it, and holds what it has read against what the first pass read so far. */
async function readAgain(archive: Archive, listing: EntryListing): Promise<void> {
  const { checkpoint } = listing;
  if (checkpoint === undefined) return;
  const hash = createHash("sha256");
  const walker = new TarWalker(listing.second);
  let left = checkpoint.bytes;
  await eachChunk(archive, listing, async (chunk) => {
    const known = chunk.subarray(0, left);
    hash.update(known);
    await walk(walker, known, archive);
    left -= known.length;
    return left === 0 ? "enough" : "go on";
  });
  if (left > 0 || hash.digest("hex") !== checkpoint.sha256)
    throw new Error("it was not the same when it was read once more");
}

/** Walks over a chunk, and waits where what is wanted of a file finds no room. */
async function walk(walker: TarWalker, chunk: Buffer, { budget }: Archive): Promise<void> {
  let at = walker.push(chunk);
  while (at < chunk.length) {
    await budget.rooms.vacant();
    at = walker.push(chunk, at);
  }
}

async function eachChunk(
  { open, budget, signal }: Archive,
  { say }: Pick<EntryListing, "say">,
  take: (chunk: Buffer) => Promise<"go on" | "enough">,
): Promise<void> {
  const window = budget.window();
  try {
    signal.throwIfAborted();
    const options = { signal, doubt: say, reserve: window.reserve };
    for await (const chunk of unpack(await open(), options))
      if ((await take(chunk)) === "enough") return;
  } finally {
    window.release();
  }
}

/** The facts that columns tell. @throws RangeError where the columns do not fit together, or a slice of theirs cannot be read */
export function layerFactsOf({ columns, shelf, contents, ...about }: LayerColumns): LayerFacts {
  const list = columnList(columns, shelf);
  let entries: readonly Entry[] | undefined;
  return {
    ...about,
    list,
    get entries() {
      entries ??= Array.from({ length: list.length }, (_, n) => list.entry(n));
      return entries;
    },
    async symbols({ symbols: place }) {
      const bytes = place?.shelf.read(place.slice);
      if (bytes === undefined) return undefined;
      try {
        return contents.decodeSymbols(bytes);
      } catch {
        return undefined;
      }
    },
    close: () => shelf.close(),
  };
}
