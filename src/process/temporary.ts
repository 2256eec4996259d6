/** Directories for a while: gone with their work, and named so that what a killed process left can be told. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { isAlive } from "./alive.ts";

const pattern = /^transship-(?:build|doctor|image)-(\d+)-/;

/** What a directory is for. */
export type Purpose = "build" | "doctor" | "image";

/** Has `work` done in a directory of its own, which is removed whatever comes of it. */
export async function inTemporaryDirectory<T>(
  purpose: Purpose,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  const directory = await makeTemporaryDirectory(purpose);
  try {
    return await work(directory);
  } finally {
    await removeDirectory(directory);
  }
}

/** A directory that its maker removes by {@link removeDirectory}. */
export async function makeTemporaryDirectory(purpose: Purpose): Promise<string> {
  return await mkdtemp(path.join(tmpdir(), `transship-${purpose}-${process.pid}-`));
}

export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

/** The directories whose process is gone. */
export async function leftDirectories(): Promise<readonly string[]> {
  const names = await readdir(tmpdir());
  const left = names.filter((name) => {
    const pid = Number(pattern.exec(name)?.[1] ?? Number.NaN);
    return Number.isSafeInteger(pid) && !isAlive(pid);
  });
  return left.map((name) => path.join(tmpdir(), name));
}
