/** Which ignore file a build reads (BuildKit, frontend/dockerui/config.go). */
import { open } from "node:fs/promises";
import path from "node:path";
import { isSystemError } from "../process/system-error.ts";
import { type IgnorePatterns, parseIgnoreFile } from "./ignore.ts";

export interface IgnoreFile {
  /** Relative to the working directory, as context and Dockerfile are. */
  readonly path: string;
  readonly patterns: IgnorePatterns;
}

/** Most bytes of one. */
const limit = 1024 * 1024;

/**
 * Where it may lie, in BuildKit's order: the first that is there counts, and is not added to the other. A Dockerfile that comes
 * from standard input (`-`) has no file beside it.
 */
function ignoreFilePlaces(context: string, dockerfile: string): readonly string[] {
  const own = dockerfile === "-" ? [] : [`${dockerfile}.dockerignore`];
  return [...own, path.join(context, ".dockerignore")];
}

/** The file there; `undefined` where nothing is. @throws IgnoreFileError, RangeError for one that is too large */
async function readIgnoreFile(place: string): Promise<IgnoreFile | undefined> {
  const text = await textOf(place);
  return text === undefined ? undefined : { path: place, patterns: parseIgnoreFile(text) };
}

/**
 * The one that counts in a build of that context. Where there is none it has no patterns, and the path that it would have; one that
 * no builder takes has its error instead of patterns.
 */
export async function ignoreFileOf(
  context: string,
  dockerfile: string,
): Promise<IgnoreFile | { readonly path: string; readonly error: unknown }> {
  const places = ignoreFilePlaces(context, dockerfile);
  for (const place of places) {
    try {
      const found = await readIgnoreFile(place);
      if (found !== undefined) return found;
    } catch (error) {
      return { path: place, error };
    }
  }
  return { path: places.at(-1) ?? ".dockerignore", patterns: [] };
}

async function textOf(place: string): Promise<string | undefined> {
  try {
    await using file = await open(place);
    const { size } = await file.stat();
    if (size > limit) throw new RangeError(`${place} is larger than ${limit} bytes`);
    return await file.readFile("utf8");
  } catch (error) {
    // BuildKit takes what it cannot read for what is not there.
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EISDIR", "ELOOP", "EACCES")) return undefined;
    throw error;
  }
}
