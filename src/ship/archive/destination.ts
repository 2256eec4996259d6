/** Where an archive is written: a file that is there whole or not at all, or a stream. */
import { randomBytes } from "node:crypto";
import { WriteStream } from "node:fs";
import { type FileHandle, open, rename, rm, stat, writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import path from "node:path";
import type { Writable } from "node:stream";
import { fail, isFailure } from "../../errors.ts";
import { releaseWhole } from "../../filesystem/pages.ts";
import { startGuard } from "../../process/guard.ts";
import { isSystemError } from "../../process/system-error.ts";
import { sumLine, sumsOf } from "./sum.ts";

/** A file's path, or a stream, whose name is what people call it. */
export type Place =
  | { readonly file: string }
  | { readonly stream: Writable; readonly name: string };

/** The caller ends it by `finish` or `discard`. Each function throws DISK_FULL, ARCHIVE_NOT_WRITABLE, the signal's reason. */
export interface Destination {
  /** Takes the chunk's memory: it is gone when this is done. */
  write(chunk: Uint8Array): Promise<void>;
  /** Under its name from here on, on the disk, its sum beside it. */
  finish(sha256: string): Promise<void>;
  /** Nothing of it stays. */
  discard(): Promise<void>;
}

const guardDeadlineMs = 10_000;
const removal = "for (const file of process.argv.slice(1)) fs.rmSync(file, { force: true })";

/** @throws DISK_FULL, ARCHIVE_NOT_WRITABLE */
export async function openDestination(place: Place, signal: AbortSignal): Promise<Destination> {
  return "file" in place
    ? await openFile(path.resolve(place.file), place.file)
    : streamAt(place, signal);
}

/** @throws ARCHIVE_NOT_WRITABLE where no file can have that name */
export async function checkPlace(place: Place): Promise<void> {
  if (!("file" in place)) return;
  const archive = place.file;
  const found = await stat(archive).catch(() => undefined);
  if (found?.isFile() === false)
    throw fail("ARCHIVE_NOT_WRITABLE", { archive, reason: "something else has that name" });
  const directory = path.dirname(path.resolve(archive));
  const above = await stat(directory).catch(() => undefined);
  if (above?.isDirectory() !== true)
    throw fail("ARCHIVE_NOT_WRITABLE", { archive, reason: `there is no directory ${directory}` });
}

/** Written beside, then moved: whoever looks sees all of it or what was there before. */
async function openFile(file: string, name: string): Promise<Destination> {
  const directory = path.dirname(file);
  const beside = `.${path.basename(file)}.${process.pid}.${randomBytes(4).toString("hex")}.part`;
  const temporary = path.join(directory, beside);
  const sums = `${temporary}.sha256`;
  // What a kill would leave is taken away by a process of its own.
  const guard = startGuard([{ command: [process.execPath, "-e", removal, temporary, sums] }]);
  const attempt = async <T>(work: () => Promise<T>) => {
    return await work().catch((error: unknown) => {
      throw refusal(error, name, directory);
    });
  };
  const dismissGuard = async () => {
    guard.expect([]);
    await guard.release("once", guardDeadlineMs);
  };
  const opened = await attempt(async () => await open(temporary, "wx")).catch(
    async (error: unknown) => {
      await dismissGuard();
      throw error;
    },
  );
  return {
    async write(chunk) {
      await attempt(async () => await writeAll(opened, chunk));
      // Left to the garbage collector, it would walk the whole heap for every few dozen megabytes.
      releaseWhole(chunk);
    },
    async finish(sha256) {
      await attempt(async () => {
        await opened.sync();
        await opened.close();
        await writeFile(sums, sumLine(sha256, file), { flush: true });
        await rename(temporary, file);
        await rename(sums, sumsOf(file));
        await syncDirectory(directory);
      });
      await dismissGuard();
    },
    async discard() {
      await opened.close();
      await Promise.all([temporary, sums].map(async (one) => await rm(one, { force: true })));
      await dismissGuard();
    },
  };
}

/** In as few steps as the system takes: each is a way through a thread and back. */
async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.byteLength;) at += (await file.write(chunk, at)).bytesWritten;
}

/** So that the names survive a power cut as well. Not every system lets a directory be opened. */
async function syncDirectory(directory: string): Promise<void> {
  const opened = await open(directory).catch(() => undefined);
  await opened?.sync().catch(() => {});
  await opened?.close();
}

/** A stream that fails is ended, so that its reader does not take it for whole. */
function streamAt(
  { stream, name }: Extract<Place, { readonly stream: Writable }>,
  signal: AbortSignal,
): Destination {
  stream.on("error", pass);
  // They call back when the system has the bytes; others may hand them on.
  const isLast = stream instanceof Socket || stream instanceof WriteStream;
  return {
    async write(chunk) {
      try {
        await taken(stream, chunk, signal);
        if (isLast) releaseWhole(chunk);
      } catch (error) {
        throw signal.aborted ? signal.reason : refusal(error, name, name);
      }
    },
    async finish() {
      stream.off("error", pass);
    },
    async discard() {
      stream.destroy();
    },
  };
}

/** Each error comes with the write that it is of. */
function pass(): void {}

/** Waits until the reader has room for it, or the signal comes. */
async function taken(stream: Writable, chunk: Uint8Array, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const abort = () => reject(new Error("it was interrupted"));
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    stream.write(chunk, (error) => {
      signal.removeEventListener("abort", abort);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** What the system says against it, by our codes. */
function refusal(error: unknown, archive: string, where: string): Error {
  if (isFailure(error)) return error;
  if (isSystemError(error, "ENOSPC", "EDQUOT"))
    return fail("DISK_FULL", { where }, { cause: error });
  const words = error instanceof Error ? error.message : String(error);
  const reason = isSystemError(error, "EPIPE") ? "its reader has gone" : words;
  return fail("ARCHIVE_NOT_WRITABLE", { archive, reason }, { cause: error });
}
