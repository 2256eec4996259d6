/** Reading a layout so that no prune takes its blobs away meanwhile. */
import { stat } from "node:fs/promises";
import path from "node:path";
import { isSystemError } from "../process/system-error.ts";
import type { Lock, LockOptions } from "../process/lock.ts";
import { lockStore } from "./lock.ts";

const deadlineMs = 30_000;

const unlocked: Lock = { release: async () => {} };

/**
 * The shared lock of a layout, for as long as it is read. A layout into which no run of ours ever wrote has no locks,
 * and gets none; nor does one that may only be read, which nobody prunes from here.
 * @throws STORE_LOCKED, INTERRUPTED or TERMINATED
 */
export async function lockForReading(
  directory: string,
  options: Pick<LockOptions, "purpose" | "signal" | "waiting">,
): Promise<Lock> {
  const root = path.resolve(directory);
  const locks = await stat(path.join(root, ".lock")).catch(() => undefined);
  if (locks?.isDirectory() !== true) return unlocked;
  try {
    return await lockStore(root, "content", { ...options, mode: "shared", deadlineMs });
  } catch (error) {
    if (isSystemError(error, "EACCES", "EPERM", "EROFS", "ENOENT")) return unlocked;
    throw error;
  }
}
