/** Lock files that were written on one platform and keep another's native packages out (pure: texts in, lines out). */
import path from "node:path";
import { formatPlatform, type Platform } from "../../platform/platform.ts";
import { type BuildCheck, listed } from "./check.ts";
import type { LockFile, LockReader } from "./lock/lock.ts";
import { readNpmLock } from "./lock/npm.ts";
import { readPnpmLock } from "./lock/pnpm.ts";
import { readPoetryLock, readRequirements, readUvLock } from "./lock/python.ts";
import { readYarnLock } from "./lock/yarn.ts";

const readers: ReadonlyMap<string, LockReader> = new Map([
  ["package-lock.json", readNpmLock],
  ["npm-shrinkwrap.json", readNpmLock],
  ["pnpm-lock.yaml", readPnpmLock],
  ["yarn.lock", readYarnLock],
  ["uv.lock", readUvLock],
  ["poetry.lock", readPoetryLock],
  ["requirements.txt", readRequirements],
]);

/** The files beside a lock file that say for which platforms its tool installs. */
export const lockSettings: ReadonlyMap<string, readonly string[]> = new Map([
  ["pnpm-lock.yaml", ["pnpm-workspace.yaml", "package.json"]],
  ["yarn.lock", [".yarnrc.yml"]],
]);

export function isLockFile(name: string): boolean {
  return readers.has(name);
}

/** One line that it serves all platforms, or one for each thing that a platform lacks. */
export function lockFileChecks(
  file: LockFile,
  platforms: readonly Platform[],
): readonly BuildCheck[] {
  const id = "lock-file";
  const read = readers.get(path.posix.basename(file.path));
  if (read === undefined) return [];
  try {
    const problems = read(file, platforms);
    if (problems.length > 0) {
      return problems.map(({ detail, fix }) => ({ id, status: "warn", detail, fix }));
    }
    const names = listed(platforms.map(formatPlatform));
    const detail = `Nothing is missing from ${file.path} for ${names}, as far as it tells.`;
    return [{ id, status: "pass", detail }];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [unreadLockFile(file.path, error.message)];
  }
}

/** `reason` is a part of a sentence. */
export function unreadLockFile(file: string, reason: string): BuildCheck {
  return { id: "lock-file", status: "skip", detail: `${file} was not checked: ${reason}.` };
}
