/** A layer as it streams: unpacked in memory of bounded size, its bytes hashed, its entries told. */
import { createHash, type Hash } from "node:crypto";
import type { ByteRange } from "../binary/bytes.ts";
import type { Content } from "../binary/content.ts";
import type { ElfSymbols } from "../binary/elf/symbols.ts";
import { fail, isFailure } from "../errors.ts";
import { type Digest, digestFromHex } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import type { ContentSource } from "../oci/source.ts";
import { type ContentReader, contentReader } from "./contents.ts";
import { type Entry, entryOf, shortened } from "./entry.ts";
import { fileReader, type FileReading } from "./file.ts";
import { type MemoryBudget, memoryBudget, sentences } from "./limits.ts";
import { type SymbolsPlace, type SymbolsWriter, symbolsWriter } from "./symbols.ts";
import type { TarHeader } from "./tar/header.ts";
import { type TarListener, tarWalker } from "./tar/walker.ts";
import { unpack } from "./unpack/unpack.ts";

/** What is known of a layer after it has been read. */
export interface LayerFacts {
  /** Of the uncompressed archive (OCI image-spec, config.md, "Layer DiffID"). */
  readonly diffId: Digest;
  /** Bytes of the uncompressed archive. */
  readonly bytes: number;
  /** In the archive's order; a path may come more than once. */
  readonly entries: readonly Entry[];
  /** What was not read of it, or may be refused by an engine: sentences. Where there is one, nothing is proven. */
  readonly unread: readonly string[];
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
  /** Where symbols are kept; absent: in memory. */
  readonly symbols?: SymbolsWriter;
  readonly contents?: ContentReader;
}

/**
 * Reads a layer of any compression (plain, gzip, zstd), told by its first bytes and not by its label. Where the content
 * of some files needs bytes that the first pass did not keep, the layer is read once more, for those files alone.
 * @throws LAYER_DAMAGED, the source's own errors (a digest or size that differs), the signal's reason
 */
export async function readLayer(
  layer: Descriptor,
  source: ContentSource,
  options: LayerOptions,
): Promise<LayerFacts> {
  const reading = layerReading(options);
  try {
    await reading.first(layer, source);
    await reading.second(layer, source);
    return reading.facts();
  } catch (error) {
    if (options.signal.aborted) throw options.signal.reason;
    if (isFailure(error)) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    throw fail("LAYER_DAMAGED", { digest: layer.digest, problem }, { cause: error });
  }
}

/** A file whose content could not be told from what the first pass kept. */
interface Needy {
  /** Its place among the entries that are kept. */
  readonly index: number;
  readonly ranges: readonly ByteRange[];
}

/** How far the second pass has to read, and what it must have read by then. */
interface Checkpoint {
  readonly bytes: number;
  readonly sha256: string;
}

function layerReading(options: LayerOptions) {
  const { signal, contents = contentReader } = options;
  const budget = options.budget ?? memoryBudget();
  const symbols = options.symbols ?? symbolsWriter(undefined, 0);
  const unread = sentences();
  const entries: Entry[] = [];
  const files = fileReader(contents);
  /** By the number of the path in the archive. */
  const needy = new Map<number, Needy>();
  let diffId: Digest | undefined;
  let bytes = 0;
  let checkpoint: Checkpoint | undefined;

  /** Passes over the archive, and tells the listener what it holds, until `enough` says so. */
  async function pass(
    layer: Descriptor,
    source: ContentSource,
    listener: TarListener,
    hash: Hash,
    after: (chunk: Buffer) => boolean,
  ): Promise<void> {
    const walker = tarWalker(listener);
    const window = budget.window();
    try {
      const chunks = unpack(await source.open(layer), {
        signal,
        doubt: unread.say,
        reserve: window.reserve,
      });
      for await (const chunk of chunks) {
        hash.update(chunk);
        walker.push(chunk);
        if (after(chunk)) return;
      }
      walker.end();
    } finally {
      window.release();
    }
  }
}
