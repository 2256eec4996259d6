/** Lock files that were written on one platform and keep another's native packages out (pure: texts in, lines out). */
import path from "node:path";
import { formatPlatform, type Platform } from "../../platform/platform.ts";
import { type BuildCheck, listed, unreadLockFile } from "./check.ts";
import type { LockFile, LockReader } from "./lock/lock.ts";
import { isLockFile, type LockFileName } from "./lock/name.ts";
import { readNpmLock } from "./lock/npm.ts";
import { readPnpmLock } from "./lock/pnpm.ts";
import { readPoetryLock, readRequirements, readUvLock } from "./lock/python.ts";
import { readYarnLock } from "./lock/yarn.ts";

const readers: Readonly<Record<LockFileName, LockReader>> = {
  "package-lock.json": readNpmLock,
  "npm-shrinkwrap.json": readNpmLock,
  "pnpm-lock.yaml": readPnpmLock,
  "yarn.lock": readYarnLock,
  "uv.lock": readUvLock,
  "poetry.lock": readPoetryLock,
  "requirements.txt": readRequirements,
};

/** One line that it serves all platforms, or one for each thing that a platform lacks. */
export function lockFileChecks(
  file: LockFile,
  platforms: readonly Platform[],
): readonly BuildCheck[] {
  const id = "lock-file";
  const name = path.posix.basename(file.path);
  if (!isLockFile(name)) return [];
  try {
    const problems = readers[name](file, platforms);
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
