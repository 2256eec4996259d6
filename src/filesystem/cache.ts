/**
 * Facts of layers, kept by digest so that a base layer is read once a machine. What is kept is believed only where it is
 * whole (its checksums), of this version, of that layer and of the same file of its blob, and where nobody but this user can have
 * written it; else the layer is read anew. A cache that cannot be written costs time, and nothing else.
 */
import { closeSync, constants, fstatSync, openSync, renameSync, rmSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import process from "node:process";
import type { Digest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import type { ContentSource } from "../oci/source.ts";
import { columnsWriter, releaseColumns, weightOf } from "./columns/columns.ts";
import { type ContentReader, contentReader } from "./contents.ts";
import { readAt, writeAt } from "./facts/descriptor.ts";
import {
  eights,
  type FactsAbout,
  type FactsIndex,
  headerBytes,
  readHeader,
  readIndex,
  writeHeader,
  writeIndex,
} from "./facts/file.ts";
import { factsPath, temporaryPath } from "./facts/files.ts";
import {
  type LayerColumns,
  type LayerFacts,
  layerFactsOf,
  readColumns,
  readLayer,
} from "./layer.ts";
import { type MemoryBudget, memoryBudget } from "./limits.ts";
import { tooMuch } from "./listing.ts";
import { fileShelf, type SliceShelf, type SliceWriter, sliceWriter } from "./slices.ts";

export { type FactsFile, factsFiles } from "./facts/files.ts";

export interface FactsOptions {
  readonly source: ContentSource;
  /** Where facts are kept. */
  readonly directory: string;
  /** The blob's own file, where it has one: its bytes are read again when the file has changed. */
  readonly file?: string;
  readonly signal: AbortSignal;
  /** What all layers of the image may take of the memory; absent: this one may take all of it. */
  readonly budget?: MemoryBudget;
  readonly contents?: ContentReader;
}

/**
 * Reads a layer into the cache, so that its facts take no memory until {@link layerFacts} asks for them. Where the cache has them
 * already, or cannot be written, they are returned. @throws what {@link readLayer} throws
 */
export async function gatherFacts(
  layer: Descriptor,
  options: FactsOptions,
): Promise<LayerFacts | "kept"> {
  const { directory, source, signal } = options;
  const { budget = memoryBudget(), contents = contentReader } = options;
  const seen = await seenOf(options);
  const known = readFacts(layer.digest, seen, options);
  if (known !== undefined) return known;
  const writing = await beginFile(directory, layer.digest);
  const slices = sliceWriter(writing?.descriptor, headerBytes);
  try {
    const reading = await readColumns(layer, source, { signal, budget, contents, slices });
    const { columns } = reading;
    const isKept = reading.isWhole && writing?.finish(reading, seen, slices) === true;
    if (!isKept) return layerFactsOf(reading);
    slices.close();
    budget.giveBack(weightOf(columns), columns.sizes.length);
    releaseColumns(columns);
    return "kept";
  } catch (error) {
    slices.close();
    throw error;
  } finally {
    writing?.remove();
  }
}

/** What is known of a layer: from the cache, else by reading it. @throws what {@link readLayer} throws */
export async function layerFacts(layer: Descriptor, options: FactsOptions): Promise<LayerFacts> {
  const gathered = await gatherFacts(layer, options);
  if (gathered !== "kept") return gathered;
  const known = readFacts(layer.digest, await seenOf(options), options);
  // A cache that loses what was written is as good as none.
  return known ?? (await readLayer(layer, options.source, options));
}

async function seenOf({ file }: FactsOptions): Promise<string> {
  return file === undefined ? "" : await identityOf(file);
}

/** Device, inode, size and both times: what changes when somebody writes into a file or puts another in its place. */
async function identityOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(":");
  } catch {
    return "missing";
  }
}

/** The facts in the layer's file, which stays open for the symbols; `undefined` where they are not to be believed. */
function readFacts(layer: Digest, seen: string, options: FactsOptions): LayerFacts | undefined {
  const file = factsPath(options.directory, layer);
  let descriptor: number | undefined;
  let shelf: SliceShelf | undefined;
  try {
    // Neither a link nor a FIFO in its place must lead anywhere, or hang the reader.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    descriptor = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const index = readChecked(descriptor);
    const isOurs = index?.about.layer === layer && index.about.seen === seen;
    if (isOurs) {
      // Its index is whole; of what is read later the next run must not hear again.
      shelf = fileShelf(descriptor, index.slices, () => remove(file));
      return factsOf(index, shelf, options);
    }
  } catch {
    // Then it is read anew.
  }
  if (shelf !== undefined) shelf.close();
  else if (descriptor !== undefined) closeSync(descriptor);
  return undefined;
}

/** More than any index that {@link memoryBudget} lets grow. */
const mostIndexBytes = 512 * 2 ** 20;

/** The index, once it has been held against its checksum. */
function readChecked(descriptor: number): FactsIndex | undefined {
  const { uid, mode, size } = fstatSync(descriptor);
  const isOwn = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
  if (!isOwn) return undefined;
  const header = readHeader(readAt(descriptor, 0, headerBytes), size);
  if (header === undefined || header.length > mostIndexBytes) return undefined;
  const bytes = readAt(descriptor, header.offset, header.length);
  return header.isOf(bytes) ? readIndex(bytes) : undefined;
}

/** @throws RangeError where its contents cannot be read */
function factsOf(
  { about, columns }: FactsIndex,
  shelf: SliceShelf,
  { budget = memoryBudget(), contents = contentReader }: FactsOptions,
): LayerFacts {
  const { diffId, bytes, unread } = about;
  const facts = { diffId, bytes, shelf, contents };
  const whole = layerFactsOf({ ...facts, unread, columns, isWhole: true });
  if (budget.take(weightOf(columns), columns.sizes.length)) return whole;
  return layerFactsOf({
    ...facts,
    unread: [...unread, tooMuch],
    columns: columnsWriter(sliceWriter(undefined, 0)).finish(),
    isWhole: false,
  });
}

interface FactsWriting {
  readonly descriptor: number;
  /** Writes what the file lacks, and gives it its name; whether that was possible. */
  finish(reading: LayerColumns, seen: string, writer: SliceWriter): boolean;
  /** Removes what has not been given its name. */
  remove(): void;
}

/** Begins a file of facts; `undefined` where none can be written. */
async function beginFile(directory: string, layer: Digest): Promise<FactsWriting | undefined> {
  const temporary = temporaryPath(directory, layer);
  let descriptor: number;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    descriptor = openSync(temporary, "wx+", 0o600);
  } catch {
    return undefined;
  }
  return {
    descriptor,
    finish({ diffId, bytes, unread, columns }, seen, writer) {
      const slices = writer.finish();
      if (slices === undefined) return false;
      try {
        const about: FactsAbout = { layer, seen, diffId, bytes, unread };
        const index = writeIndex({ about, columns, slices });
        const offset = eights(slices.end);
        let at = offset;
        for (const part of index) {
          writeAt(descriptor, part, at);
          at += part.length;
        }
        writeAt(descriptor, writeHeader(offset, index), 0);
        renameSync(temporary, factsPath(directory, layer));
        return true;
      } catch {
        // Then it is read anew the next time.
        return false;
      }
    },
    remove: () => remove(temporary),
  };
}

/** Also where nothing may be removed. */
function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Then it stays, and is not believed.
  }
}
