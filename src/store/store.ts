/**
 * The store: one OCI image layout that every build of this machine writes into, BuildKit's own output and ours alike.
 * See `layout.ts` for reading, `names.ts` for `index.json`, `lock.ts` for who may write when.
 */
import { randomBytes } from "node:crypto";
import { access, constants, mkdir, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { fail, isFailure } from "../errors.ts";
import { type Digest, digestOf } from "../oci/digest.ts";
import { type Descriptor, descriptorOf } from "../oci/document.ts";
import { parseReference } from "../oci/reference.ts";
import { isSystemError } from "../process/system-error.ts";
import { receive } from "./arrival.ts";
import type { BlobIdentity } from "./blob.ts";
import { type Layout, layoutAt, layoutVersion, versionProblem } from "./layout.ts";
import type { Lock, LockMode, LockOptions } from "../process/lock.ts";
import { lockStore } from "./lock.ts";
import { annotations, changeNames, type Entry, sameName } from "./names.ts";

export interface Store extends Layout {
  /** Writes a small document whole. @returns its descriptor */
  write(mediaType: string, bytes: Uint8Array): Promise<Descriptor>;
  /**
   * Writes a blob as it comes; it stands under its digest only after size and digest were checked.
   * Reads nothing where the store has it. @throws STORE_BLOB_DAMAGED when the bytes are others
   */
  writeBlob(blob: BlobIdentity, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * Writes a blob whose digest nobody knows before it has come, as one that is made on the way. It stands under its digest only when
   * the last byte has come. @throws what the reading of the bytes throws
   */
  receiveBlob(bytes: AsyncIterable<Uint8Array>): Promise<BlobIdentity>;
  /** Removes a blob, so that the next build writes it anew. */
  discard(digest: Digest): Promise<void>;
  /**
   * Gives a descriptor that name (`docker.io/library/rustci:local-amd64`) in `index.json`, in place of what had it.
   * @throws STORE_INDEX_DAMAGED, STORE_LOCKED
   */
  name(name: string, descriptor: Descriptor): Promise<void>;
  /** Takes the names of those descriptors away. @returns how many there were. @throws STORE_INDEX_DAMAGED, STORE_LOCKED */
  unname(isMeant: (descriptor: Descriptor) => boolean): Promise<number>;
  /** Notes that a build found a blob as it should be, so that its age counts from now. */
  touch(digest: Digest): Promise<void>;
  /**
   * Keeps others out: `shared` for a run that adds or reads blobs, `exclusive` for one that removes them.
   * @throws STORE_LOCKED naming the owner after `deadlineMs` (default 30 s)
   */
  lock(mode: LockMode, options: StoreLockOptions): Promise<Lock>;
}

type StoreLockOptions = Pick<LockOptions, "purpose" | "waiting"> & {
  readonly deadlineMs?: number;
};

const lockDeadlineMs = 30_000;

/**
 * Opens the store in that directory, and makes it when it is missing or empty.
 * @throws STORE_NOT_DIRECTORY, STORE_NOT_WRITABLE, STORE_LAYOUT_UNKNOWN
 */
export async function openStore(
  directory: string,
  signal: AbortSignal = new AbortController().signal,
): Promise<Store> {
  const root = path.resolve(directory);
  await makeLayout(root);
  const layout = layoutAt(root);
  const withNames = async (change: (entries: readonly Entry[]) => readonly Entry[]) => {
    const options = { mode: "exclusive", purpose: "a run that writes index.json" } as const;
    await inDirectory(root, async () => {
      const patience = { deadlineMs: lockDeadlineMs, signal };
      const lock = await lockStore(root, "names", { ...options, ...patience });
      try {
        await changeNames(root, change, signal);
      } finally {
        await lock.release();
      }
    });
  };
  const store: Store = {
    ...layout,
    async write(mediaType, bytes) {
      const descriptor = descriptorOf(mediaType, bytes, digestOf(bytes));
      await store.writeBlob(descriptor, once(bytes));
      return descriptor;
    },
    async writeBlob(blob, bytes) {
      if (await store.has(blob.digest, blob.size)) return;
      await inDirectory(root, async () => await receive(layout, bytes, blob));
    },
    receiveBlob: async (bytes) => await inDirectory(root, async () => await receive(layout, bytes)),
    async discard(digest) {
      await inDirectory(root, async () => await rm(layout.path(digest), { force: true }));
    },
    async name(name, descriptor) {
      const named = namedDescriptor(name, descriptor);
      await withNames((entries) => [
        ...entries.filter((entry) => !sameName(entry.descriptor, named)),
        { descriptor: named, written: named },
      ]);
      await store.touch(descriptor.digest);
    },
    async unname(isMeant) {
      let gone = 0;
      await withNames((entries) => {
        const kept = entries.filter(({ descriptor }) => !isMeant(descriptor));
        gone = Math.max(gone, entries.length - kept.length);
        return kept;
      });
      return gone;
    },
    async touch(digest) {
      const now = new Date();
      // One that is missing, or another user's, keeps the age that it has.
      await utimes(layout.path(digest), now, now).catch(() => {});
    },
    lock: async (mode, { deadlineMs = lockDeadlineMs, ...options }) =>
      await inDirectory(
        root,
        async () => await lockStore(root, "content", { ...options, mode, deadlineMs, signal }),
      ),
  };
  return store;
}

/** The descriptor with the two annotations that BuildKit and containerd give a name. */
function namedDescriptor(name: string, descriptor: Descriptor): Descriptor {
  const { tag, digest } = parseReference(name);
  const refName = tag ?? digest ?? "latest";
  const names = { [annotations.imageName]: name, [annotations.refName]: refName };
  return { ...descriptor, annotations: { ...descriptor.annotations, ...names } };
}

async function makeLayout(directory: string): Promise<void> {
  await inDirectory(directory, async () => {
    const blobs = path.join(directory, "blobs", "sha256");
    let problem = await versionProblem(directory);
    const [stranger] = problem === undefined ? [] : await strangersIn(directory);
    if (stranger !== undefined) {
      // Another run may have made the store between the two looks.
      problem = await versionProblem(directory);
      if (problem !== undefined) {
        const found = stranger === marker ? problem : `${problem}, and other files (${stranger})`;
        throw fail("STORE_LAYOUT_UNKNOWN", { directory, problem: found });
      }
    }
    await mkdir(blobs, { recursive: true });
    if (problem === undefined) {
      await access(blobs, constants.W_OK);
      return;
    }
    await writeNew(
      path.join(directory, marker),
      JSON.stringify({ imageLayoutVersion: layoutVersion }),
    );
  });
}

const marker = "oci-layout";

/** The files that a store whose making was cut short does not have: this directory is somebody else's. */
async function strangersIn(directory: string): Promise<readonly string[]> {
  try {
    const files = await readdir(directory);
    return files.filter((file) => file !== "blobs" && !file.startsWith(`${marker}.`));
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw error;
  }
}

/** Runs a change of the store's files and tells the system's refusals by our codes. */
export async function inDirectory<T>(directory: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (isFailure(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    if (isSystemError(error, "ENOTDIR", "EEXIST"))
      throw fail("STORE_NOT_DIRECTORY", { directory }, { cause: error });
    if (isSystemError(error, "EACCES", "EPERM", "EROFS"))
      throw fail("STORE_NOT_WRITABLE", { directory, reason }, { cause: error });
    if (isSystemError(error, "ENOSPC", "EDQUOT"))
      throw fail("DISK_FULL", { where: directory }, { cause: error });
    throw error;
  }
}

async function writeNew(file: string, text: string): Promise<void> {
  // Runs in two containers may have the same process number.
  const temporary = `${file}.${randomBytes(4).toString("hex")}`;
  await writeFile(temporary, text);
  await rename(temporary, file);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
