/** What is in a store: its names, its blobs, the documents among them, and what lies around. Read only. */
import { open, stat } from "node:fs/promises";
import path from "node:path";
import { isFailure } from "../errors.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import { inParallel } from "../process/parallel.ts";
import { isDocument, readDocument, type StoredDocument } from "./document.ts";
import type { Layout, NamedEntry } from "./layout.ts";
import { findLeftovers, type Leftover, namesIn } from "./leftovers.ts";

export interface Inventory {
  /** When it was taken, in milliseconds since the epoch, as all times here. */
  readonly takenMs: number;
  /** In the order of `index.json`. */
  readonly entries: readonly NamedEntry[];
  readonly blobs: ReadonlyMap<Digest, BlobFile>;
  readonly documents: ReadonlyMap<Digest, StoredDocument>;
  /** Documents that names lead to, that are there and cannot be used: why. */
  readonly damaged: ReadonlyMap<Digest, string>;
  readonly leftovers: readonly Leftover[];
}

interface BlobFile {
  readonly bytes: number;
  readonly writtenMs: number;
}

/** How many files are looked at side by side. */
const width = 16;

/** Most bytes of a blob that is looked into although no name leads to it. */
const mostUnnamedBytes = 1024 * 1024;

/** What names lead to is read and held against its digest; layers are not read. @throws STORE_INDEX_DAMAGED */
export async function takeInventory(layout: Layout): Promise<Inventory> {
  const takenMs = Date.now();
  // The names first: who gives one meanwhile has written its blobs before, and a name must not seem to lack what came too late.
  const entries = await layout.names();
  const [blobs, leftovers] = await Promise.all([blobsIn(layout), findLeftovers(layout.directory)]);
  const seen: Seen = { documents: new Map(), damaged: new Map(), named: new Set() };
  await readNamed(entries, layout, blobs, seen);
  await readUnnamed(layout, blobs, seen);
  const { documents, damaged } = seen;
  return { takenMs, entries, blobs, documents, damaged, leftovers };
}

interface Seen {
  readonly documents: Map<Digest, StoredDocument>;
  readonly damaged: Map<Digest, string>;
  /** What names lead to, documents or not. */
  readonly named: Set<Digest>;
}

/** From the names down, a generation at a time. */
async function readNamed(
  entries: readonly NamedEntry[],
  layout: Layout,
  blobs: Inventory["blobs"],
  { documents, damaged, named }: Seen,
): Promise<void> {
  const isNew = ({ digest }: Descriptor) => !named.has(digest) && named.add(digest);
  // Whatever a name leads to may be a document, also where its media type is nobody's.
  let generation = entries.map(({ descriptor }) => descriptor).filter(isNew);
  while (generation.length > 0) {
    const below = await inParallel(generation, width, async (descriptor) => {
      if (!blobs.has(descriptor.digest)) return [];
      const read = await readStored(descriptor, layout);
      if (typeof read === "string") damaged.set(descriptor.digest, read);
      if (typeof read !== "object") return [];
      documents.set(descriptor.digest, read);
      return [...read.parts, ...(read.subject === undefined ? [] : [read.subject])];
    });
    const children = below.flat().filter(isNew);
    generation = children.filter(isDocument);
  }
}

/** The document; why it cannot be used; or `undefined` where it is none and need be none. */
async function readStored(
  descriptor: Descriptor,
  layout: Layout,
): Promise<StoredDocument | string | undefined> {
  try {
    const document = readDocument(await layout.read(descriptor));
    return document ?? (isDocument(descriptor) ? "it is neither index nor manifest" : undefined);
  } catch (error) {
    if (!isFailure(error)) throw error;
    if (isFailure(error, "STORE_BLOB_TOO_LARGE") && !isDocument(descriptor)) return undefined;
    return String(error.facts["problem"] ?? error.message);
  }
}

/** What no name leads to may lead to others all the same: an image under the engine's ID alone, or one half written. */
async function readUnnamed(
  layout: Layout,
  blobs: Inventory["blobs"],
  { documents, named }: Seen,
): Promise<void> {
  const unnamed = [...blobs].filter(
    ([digest, { bytes }]) => !named.has(digest) && bytes <= mostUnnamedBytes,
  );
  await inParallel(unnamed, width, async ([digest, { bytes }]) => {
    if (!(await beginsAsJson(layout.path(digest)))) return;
    const content = await layout.read({ digest, size: bytes }).catch(() => undefined);
    const document = content === undefined ? undefined : readDocument(content);
    if (document !== undefined) documents.set(digest, document);
  });
}

async function beginsAsJson(file: string): Promise<boolean> {
  const opened = await open(file, "r").catch(() => undefined);
  if (opened === undefined) return false;
  try {
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(1), 0, 1, 0);
    return bytesRead === 1 && buffer.toString("latin1") === "{";
  } finally {
    await opened.close();
  }
}

/** The files under `blobs/sha256` that are named by a digest; nothing else there is ours to judge. */
async function blobsIn(layout: Layout): Promise<Inventory["blobs"]> {
  const folder = path.join(layout.directory, "blobs", "sha256");
  const digests = (await namesIn(folder)).map((name) => `sha256:${name}`).filter(isDigest);
  const files = await inParallel(digests, width, async (digest) => {
    const found = await stat(layout.path(digest)).catch(() => undefined);
    if (found?.isFile() !== true) return [];
    return [[digest, { bytes: found.size, writtenMs: found.mtimeMs }] as const];
  });
  return new Map(files.flat());
}
