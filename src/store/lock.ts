/** The locks of a store, in its directory `.lock`. */
import path from "node:path";
import { fail } from "../errors.ts";
import { type Lock, type LockOptions, takeLock } from "../process/lock.ts";

/**
 * Takes the lock of that name in a store: `content` (shared: builds and readers; exclusive: prune) or `names` (index.json).
 * @throws STORE_LOCKED naming the owner when the deadline passes, INTERRUPTED or TERMINATED
 */
export async function lockStore(
  directory: string,
  name: "content" | "names",
  options: LockOptions,
): Promise<Lock> {
  return await takeLock(path.join(directory, ".lock"), name, options, (holder) =>
    fail("STORE_LOCKED", { directory, ...holder }),
  );
}
