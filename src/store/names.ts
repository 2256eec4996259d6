/**
 * `index.json`: which names a layout has. BuildKit writes the same file at the end of a build with
 * `type=oci,tar=false` (moby/buildkit, client/ociindex): it takes a lock on `index.json.lock`, without waiting, rewrites the
 * file in place, and removes the lock's file. Node cannot take that kind of lock, so {@link changeNames} looks, after it has put
 * its own file in place, whether a build had the old one open, and takes over what that build wrote into it.
 */
import { type FileHandle, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fail, isFailure } from "../errors.ts";
import { type Descriptor, mediaTypes, parseIndex } from "../oci/document.ts";
import { pauseFor } from "../process/wait.ts";
import { isSystemError } from "../process/system-error.ts";
import { openForReading, readWhole } from "./file.ts";

export const annotations = {
  /** containerd's: the full name, `docker.io/library/debian:bookworm-slim`. */
  imageName: "io.containerd.image.name",
  /** OCI's: the tag alone. */
  refName: "org.opencontainers.image.ref.name",
} as const;

/** `index.json`, checked, with the document that was read, so that keys which nothing here knows survive a change. */
interface Names {
  readonly entries: readonly Descriptor[];
  readonly document: Readonly<Record<string, unknown>>;
  /** The entries as they were written; one for each of {@link entries}, in the same order. */
  readonly written: readonly unknown[];
}

const empty = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] };

/** How long a build may keep the lock of `index.json`, in milliseconds; it needs one. Older: the build was killed. */
const foreignLockMs = 2_000;

/** How often a file that does not parse is read before it counts as damaged. */
const tornReads = 4;

/** Reads a layout's `index.json`; one that is missing or empty has no entries. @throws STORE_INDEX_DAMAGED */
export async function readNames(directory: string): Promise<Names> {
  const file = path.join(directory, "index.json");
  for (let look = 1; ; look += 1) {
    try {
      return parseNames(file, await readIndex(file));
    } catch (error) {
      // A build that rewrites the file in place may have been seen half way.
      if (!isFailure(error, "STORE_INDEX_DAMAGED") || look === tornReads) throw error;
      await sleep(look * 5);
    }
  }
}

/** A change of the names: the entries in, the entries out. Called again when a build changed them meanwhile. */
export type NamesChange = (entries: readonly Entry[]) => readonly Entry[];

/** An entry as it was read, with what is known of it. */
export interface Entry {
  readonly descriptor: Descriptor;
  readonly written: unknown;
}

/**
 * Changes `index.json` so that readers see the old or the new file whole, and no build's entry is lost.
 * The caller holds the store's own lock `index` ({@link file://./lock.ts}), so that no other run of ours is here.
 * @throws STORE_INDEX_DAMAGED
 */
export async function changeNames(
  directory: string,
  change: NamesChange,
  signal: AbortSignal,
): Promise<void> {
  const file = path.join(directory, "index.json");
  let missed: readonly Entry[] = [];
  for (;;) {
    await foreignLockGone(file, signal);
    const before = await openOrUndefined(file);
    try {
      const bytes = before === undefined ? Buffer.alloc(0) : await readFrom(file, before);
      const names = parseNames(file, bytes);
      const adopted = missed;
      await replace(
        file,
        render(names, (entries) => change(adopt(entries, adopted))),
      );
      if (before === undefined) return;
      // A build that opened the old file before it was replaced writes into it until it drops its lock.
      await foreignLockGone(file, signal);
      const after = await readFrom(file, before);
      if (after.equals(bytes)) return;
      missed = addedEntries(names, parseNames(file, after));
    } finally {
      await before?.close();
    }
  }
}

/** Whether two entries have the same name, so that one takes the other's place (`insertDesc` of client/ociindex). */
export function sameName(one: Descriptor, other: Descriptor): boolean {
  return [annotations.imageName, annotations.refName].every(
    (key) => (one.annotations?.[key] ?? "") === (other.annotations?.[key] ?? ""),
  );
}

function adopt(entries: readonly Entry[], missed: readonly Entry[]): readonly Entry[] {
  const isReplaced = ({ descriptor }: Entry) =>
    missed.some((one) => sameName(one.descriptor, descriptor));
  return [...entries.filter((entry) => !isReplaced(entry)), ...missed];
}

function addedEntries(before: Names, after: Names): readonly Entry[] {
  const known = new Set(before.written.map((one) => JSON.stringify(one)));
  return entriesOf(after).filter(({ written }) => !known.has(JSON.stringify(written)));
}

function entriesOf({ entries, written }: Names): readonly Entry[] {
  return entries.map((descriptor, n) => ({ descriptor, written: written[n] }));
}

function parseNames(file: string, bytes: Uint8Array): Names {
  if (bytes.byteLength === 0) return { entries: [], document: empty, written: [] };
  let entries: readonly Descriptor[];
  try {
    entries = parseIndex(bytes).manifests;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw fail("STORE_INDEX_DAMAGED", { path: file, problem }, { cause: error });
  }
  // As parseIndex decodes it, which passes over a byte order mark.
  const document: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (typeof document !== "object" || document === null || !("manifests" in document))
    throw new TypeError("parseIndex took a document without manifests");
  const written: readonly unknown[] = Array.isArray(document.manifests) ? document.manifests : [];
  return { entries, document: { ...document }, written };
}

function render(names: Names, change: NamesChange): Uint8Array {
  const manifests = change(entriesOf(names)).map(({ written }) => written);
  return Buffer.from(JSON.stringify({ ...names.document, manifests }));
}

/** Puts a whole new file in the place of the old one. */
async function replace(file: string, bytes: Uint8Array): Promise<void> {
  const fresh = `${file}.${process.pid}`;
  try {
    await writeFile(fresh, bytes);
    await rename(fresh, file);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
}

async function foreignLockGone(file: string, signal: AbortSignal): Promise<void> {
  const lock = `${file}.lock`;
  const end = performance.now() + foreignLockMs;
  while (await exists(lock)) {
    if (performance.now() > end) return;
    await pauseFor(2, signal);
  }
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}

async function openOrUndefined(file: string): Promise<FileHandle | undefined> {
  try {
    return await openForReading(file);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** The whole file; nothing where there is none. @throws STORE_INDEX_DAMAGED */
async function readIndex(file: string): Promise<Buffer> {
  const opened = await openOrUndefined(file);
  if (opened === undefined) return Buffer.alloc(0);
  try {
    return await readFrom(file, opened);
  } finally {
    await opened.close();
  }
}

/** The whole file again, from its start. @throws STORE_INDEX_DAMAGED */
async function readFrom(file: string, opened: FileHandle): Promise<Buffer> {
  try {
    return await readWhole(opened);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw fail("STORE_INDEX_DAMAGED", { path: file, problem: error.message }, { cause: error });
  }
}
