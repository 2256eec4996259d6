/** An image's archive, read where it is: its headers once, then each part by its offset. A compressed one is unpacked first. */
import type { FileHandle } from "node:fs/promises";
import { fail, isFailure, type TransshipError } from "../errors.ts";
import { compressionOf, unpack } from "../filesystem/unpack/unpack.ts";
import { isSystemError } from "../process/system-error.ts";
import { makeTemporaryDirectory, removeDirectory } from "../process/temporary.ts";
import { documentLimit, openForReading, readAt } from "../store/file.ts";
import { spool } from "./spool.ts";
import { findMember, indexTar, type TarIndex, type TarMember } from "./tar-index.ts";

export interface Archive {
  /** The file's path as it was named; what errors name. */
  readonly name: string;
  has(entry: string): boolean;
  /** The file of that path in it, links followed. @throws ARCHIVE_BLOB_MISSING, ARCHIVE_UNREADABLE */
  find(entry: string): TarMember;
  /** A small file, whole. @throws as {@link Archive.find} */
  read(entry: string): Promise<Uint8Array>;
  /** The first bytes of a file, at most so many. */
  head(member: TarMember, bytes: number): Promise<Uint8Array>;
  /** A file as it comes. Its reading throws ARCHIVE_UNREADABLE where the archive has changed since it was opened. */
  open(member: TarMember): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

const chunkBytes = 512 * 1024;
const magicBytes = 6;

/** One archive at a time is unpacked, and what only some engines refuse is no matter of its layers. */
const undoubting = { doubt: () => {}, reserve: async () => {} };

/** @throws ARCHIVE_UNREADABLE, TEMPORARY_FULL, the signal's reason */
export async function openArchive(name: string, signal: AbortSignal): Promise<Archive> {
  const file = await openFile(name, name);
  const opened = async () => {
    const head = await readAt(file, 0, magicBytes);
    refuseUnknown(head, name);
    if (compressionOf(head) === "none") return await archiveOf(file, name, signal);
    const packed = file.createReadStream({ start: 0, highWaterMark: chunkBytes, autoClose: false });
    const unpacked = await openSpooled(unpack(packed, { signal, ...undoubting }), name, signal);
    await file.close();
    return unpacked;
  };
  return await opened().catch(async (error: unknown) => {
    await file.close();
    throw signal.aborted ? signal.reason : asFailure(error, name);
  });
}

/** An archive that comes as a stream: written into a directory of its own, which goes when it is closed. @throws as {@link openArchive} */
export async function openSpooled(
  content: AsyncIterable<Uint8Array>,
  name: string,
  signal: AbortSignal,
): Promise<Archive> {
  const directory = await makeTemporaryDirectory("image");
  let file: FileHandle | undefined;
  try {
    file = await openFile(await spool(content, directory, signal), name);
    const archive = await archiveOf(file, name, signal);
    const close = async () => {
      await archive.close();
      await removeDirectory(directory);
    };
    return { ...archive, close };
  } catch (error) {
    await file?.close();
    await removeDirectory(directory);
    throw error;
  }
}

/** Takes the file over: it is closed with the archive. */
async function archiveOf(file: FileHandle, name: string, signal: AbortSignal): Promise<Archive> {
  const seen = await identityOf(file);
  const index = await indexOf(file, name, signal);
  const refuseChanged = async () => {
    const isSame = (await identityOf(file)) === seen;
    if (!isSame) throw unreadable(name, "it was changed while it was read");
  };
  const archive: Archive = {
    name,
    has: (entry) => index.has(entry),
    find: (entry) => find(index, entry, name),
    async read(entry) {
      const member = archive.find(entry);
      if (member.size <= documentLimit) return await archive.head(member, member.size);
      const problem = `its ${entry} has ${member.size} bytes; more than ${documentLimit} are not read`;
      throw unreadable(name, problem);
    },
    head: async ({ offset, size }, bytes) => await readAt(file, offset, Math.min(bytes, size)),
    async *open({ offset, size }) {
      await refuseChanged();
      for (let at = 0; at < size;) {
        const chunk = await readAt(file, offset + at, Math.min(chunkBytes, size - at));
        if (chunk.length === 0) break;
        at += chunk.length;
        yield chunk;
      }
      await refuseChanged();
    },
    close: async () => await file.close(),
  };
  return archive;
}

async function indexOf(file: FileHandle, name: string, signal: AbortSignal): Promise<TarIndex> {
  try {
    const { size } = await file.stat();
    const index = await indexTar(file, size, signal);
    if (index.size > 0) return index;
  } catch (error) {
    throw asFailure(error, name);
  }
  throw unreadable(name, "there is nothing in it");
}

function find(index: TarIndex, entry: string, name: string): TarMember {
  let member: TarMember | undefined;
  try {
    member = findMember(index, entry);
  } catch (error) {
    throw asFailure(error, name);
  }
  if (member === undefined) throw fail("ARCHIVE_BLOB_MISSING", { archive: name, entry });
  return member;
}

/** @throws ARCHIVE_UNREADABLE */
async function openFile(file: string, name: string): Promise<FileHandle> {
  const opened = await openForReading(file).catch((error: unknown) => {
    throw asFailure(error, name);
  });
  const stat = await opened.stat();
  if (stat.isFile()) return opened;
  await opened.close();
  const isLayout = stat.isDirectory();
  throw unreadable(name, isLayout ? `it is a directory: name it oci:${name}` : "it is not a file");
}

/** Compressions that `docker image load` takes, and that are not read here. @throws ARCHIVE_UNREADABLE */
function refuseUnknown(head: Uint8Array, name: string): void {
  const magic = Buffer.from(head).toString("latin1");
  if (magic.startsWith("\xfd7zXZ")) throw unreadable(name, "it is packed by xz; unpack it: xz -dk");
  if (magic.startsWith("BZh"))
    throw unreadable(name, "it is packed by bzip2; unpack it: bunzip2 -k");
}

/** What changes when somebody writes into the file, whatever date it is given after that. */
async function identityOf(file: FileHandle): Promise<string> {
  const { size, mtimeNs, ctimeNs } = await file.stat({ bigint: true });
  return [size, mtimeNs, ctimeNs].join(":");
}

/** The reader's, zlib's and the system's errors are of the archive. */
function asFailure(error: unknown, name: string): TransshipError {
  if (isFailure(error)) return error;
  const problem = isSystemError(error, "ENOENT")
    ? "there is no such file"
    : error instanceof Error
      ? error.message
      : String(error);
  return fail("ARCHIVE_UNREADABLE", { archive: name, problem }, { cause: error });
}

/** The error for an archive that is none of an image; `problem` is one part of a sentence. */
export function unreadable(archive: string, problem: string): TransshipError {
  return fail("ARCHIVE_UNREADABLE", { archive, problem });
}
