/** What a build says of a lock file (pure: its text in, lines out). */
import { listed } from "../../build-context/listed.ts";
import type { LockFile } from "../../build-context/lock-file/lock.ts";
import { lockProblems } from "../../build-context/lock-file/lock-file.ts";
import { formatPlatform, type Platform } from "../../platform/platform.ts";
import { type BuildCheck, unreadLockFile } from "./check.ts";

/** One line that it serves all platforms, or one for each thing that a platform lacks. */
export function lockFileChecks(
  file: LockFile,
  platforms: readonly Platform[],
): readonly BuildCheck[] {
  const id = "lock-file";
  try {
    const problems = lockProblems(file, platforms);
    if (problems === undefined) return [];
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
