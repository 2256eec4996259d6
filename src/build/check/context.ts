/** The checks of what a build sends to the builder: the context is walked once, for all of them. */
import { open } from "node:fs/promises";
import path from "node:path";
import type { Artefact, ProvenArtefact } from "../../build-context/artefact.ts";
import { type ContextWalk, walkContext, type WalkLimits } from "../../build-context/walk.ts";
import { IgnoreFileError, isIgnored, type IgnorePatterns } from "../../dockerfile/ignore.ts";
import { type IgnoreFile, ignoreFileOf } from "../../dockerfile/ignore-file.ts";
import { isContextFile } from "../../lint/lint.ts";
import { inParallel } from "../../process/parallel.ts";
import { isSystemError } from "../../process/system-error.ts";
import type { Platform } from "../../platform/platform.ts";
import { artefactChecks } from "./artefacts.ts";
import { type BuildCheck, unreadLockFile } from "./check.ts";
import { listed } from "../../build-context/listed.ts";
import { isLockFile } from "../../build-context/lock-file/name.ts";
import { supportedBeside } from "../../build-context/lock-file/supported.ts";

export interface ContextCheckOptions {
  /** A directory. */
  readonly context: string;
  /** `-` where it comes from standard input. */
  readonly dockerfile: string;
  readonly platforms: readonly Platform[];
  readonly signal: AbortSignal;
  readonly limits?: WalkLimits;
}

/** Most bytes of a lock file. */
const limit = 16 * 1024 * 1024;

/** Lock files that are read of one context. */
const mostLockFiles = 50;

/** What was seen of a context: nothing but the error where no builder takes its ignore file. */
export type ContextLook =
  | { readonly path: string; readonly error: unknown }
  | { readonly ignoreFile: IgnoreFile; readonly walk: ContextWalk };

/** Walks through it, for these checks and for those of the Dockerfile. */
export async function lookAtContext(options: ContextCheckOptions): Promise<ContextLook> {
  const ignoreFile = await ignoreFileOf(options.context, options.dockerfile);
  if ("error" in ignoreFile) return ignoreFile;
  const { patterns } = ignoreFile;
  return { ignoreFile, walk: await walkContext({ ...options, patterns, isWanted }) };
}

function isWanted(name: string): boolean {
  return isLockFile(name) || isContextFile(name);
}

/** Artefacts of this machine and lock files that leave a platform out. Where there is nothing to say, it says nothing. */
export async function contextChecks(
  options: ContextCheckOptions,
  looking: Promise<ContextLook> = lookAtContext(options),
): Promise<readonly BuildCheck[]> {
  const look = await looking;
  if ("error" in look) return [ignoreFileProblem(look.path, look.error)];
  const { patterns, path: ignoreFile } = look.ignoreFile;
  const { artefacts, files, cutShort } = look.walk;
  const lockFiles = files.filter((file) => isLockFile(path.posix.basename(file)));
  const read = lockFiles.slice(0, mostLockFiles);
  const checked = await inParallel(read, 4, async (file) => {
    options.signal.throwIfAborted();
    return await checkLockFile(file, patterns, options);
  });
  return [
    ...artefactChecks(artefacts.flatMap(proven), ignoreFile),
    ...checked.flat(),
    ...unreadChecks(lockFiles.slice(mostLockFiles)),
    ...(cutShort === undefined ? [] : [cutShortCheck(cutShort)]),
  ];
}

function proven({ proof, ...rest }: Artefact): readonly ProvenArtefact[] {
  return proof === undefined ? [] : [{ ...rest, proof }];
}

function ignoreFileProblem(place: string, error: unknown): BuildCheck {
  const id = "ignore-file";
  if (error instanceof IgnoreFileError) {
    const detail = `${place}, ${error.message}.`;
    return { id, status: "fail", detail, fix: `Mend line ${error.line} of ${place}.` };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { id, status: "skip", detail: `The build context was not checked: ${reason}.` };
}

async function checkLockFile(
  file: string,
  patterns: IgnorePatterns,
  { context, platforms }: ContextCheckOptions,
): Promise<readonly BuildCheck[]> {
  const text = await textOf(context, file);
  if ("reason" in text) return [unreadLockFile(file, text.reason)];
  const supported = await supportedBeside(path.posix.basename(file), async (name) => {
    const beside = path.posix.join(path.posix.dirname(file), name);
    if (isIgnored(beside, patterns)) return undefined;
    const found = await textOf(context, beside);
    return "text" in found ? found.text : undefined;
  });
  // With it come readers that a build without lock files need not wait for.
  const { lockFileChecks } = await import("./lock-file.ts");
  return lockFileChecks({ path: file, text: text.text, supported }, platforms);
}

async function textOf(
  context: string,
  file: string,
): Promise<{ readonly text: string } | { readonly reason: string }> {
  try {
    await using opened = await open(path.join(context, file));
    const { size } = await opened.stat();
    if (size > limit) return { reason: `it is larger than ${limit / 1024 ** 2} MiB` };
    return { text: (await opened.readFile("utf8")).replace(/^\u{feff}/u, "") };
  } catch (error) {
    const isAbsent = isSystemError(error, "ENOENT");
    return { reason: isAbsent ? "it is no longer there" : "it cannot be read" };
  }
}

function unreadChecks(files: readonly string[]): readonly BuildCheck[] {
  if (files.length === 0) return [];
  return [unreadLockFile(listed(files), `there are more than ${mostLockFiles} lock files`)];
}

function cutShortCheck(cutShort: string): BuildCheck {
  const detail = `The build context was not looked through to its end: the search was ended ${cutShort}.`;
  const fix = "Leave out with .dockerignore what the image does not need.";
  return { id: "context", status: "skip", detail, fix };
}
