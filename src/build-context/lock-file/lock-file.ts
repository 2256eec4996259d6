/** Lock files that were written on one platform and keep what another needs out (pure: a text in, problems out). */
import path from "node:path";
import type { Platform } from "../../platform/platform.ts";
import { readGemfileLock } from "./gemfile.ts";
import type { LockFile, LockProblem, LockReader } from "./lock.ts";
import { isLockFile, type LockFileName } from "./name.ts";
import { readNpmLock } from "./npm.ts";
import { readPnpmLock } from "./pnpm.ts";
import { readPoetryLock, readRequirements, readUvLock } from "./python.ts";
import { readYarnLock } from "./yarn.ts";

const readers: Readonly<Record<LockFileName, LockReader>> = {
  "package-lock.json": readNpmLock,
  "npm-shrinkwrap.json": readNpmLock,
  "pnpm-lock.yaml": readPnpmLock,
  "yarn.lock": readYarnLock,
  "uv.lock": readUvLock,
  "poetry.lock": readPoetryLock,
  "requirements.txt": readRequirements,
  "Gemfile.lock": readGemfileLock,
};

/** What it keeps from the platforms; `undefined` where its name is no lock file's. @throws SyntaxError where it is none by its text, with a part of a sentence */
export function lockProblems(
  file: LockFile,
  platforms: readonly Platform[],
): readonly LockProblem[] | undefined {
  const name = path.posix.basename(file.path);
  return isLockFile(name) ? readers[name](file, platforms) : undefined;
}
