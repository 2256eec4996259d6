/** One run at a time changes builders: two at once would each take the other's half-made builder for a broken one. */
import type { Context } from "../context.ts";
import { fail, isFailure } from "../errors.ts";
import { type Lock, noteWaiting, takeLock } from "../process/lock.ts";
import { builderLocksDirectory, cacheDirectory } from "../store/directory.ts";

/** As long as one that pulls BuildKit's image may take. */
const deadlineMs = 10 * 60_000;

/** @throws BUILDER_LOCKED naming the other run when the deadline passes, CACHE_NOT_WRITABLE, INTERRUPTED, TERMINATED */
export async function lockBuilders({ env, signal, report }: Context): Promise<Lock> {
  return await inCache(env, async () => {
    const patience = { deadlineMs, signal, waiting: noteWaiting(report) };
    const options = { mode: "exclusive", purpose: "transship setup", ...patience } as const;
    return await takeLock(builderLocksDirectory(env), "builders", options, (holder) =>
      fail("BUILDER_LOCKED", { ...holder }),
    );
  });
}

/** Writes into the cache directory. @throws CACHE_NOT_WRITABLE, and what `act` throws of its own */
export async function inCache<T>(env: Context["env"], act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (isFailure(error) || !(error instanceof Error && "code" in error)) throw error;
    const directory = cacheDirectory(env);
    throw fail("CACHE_NOT_WRITABLE", { directory, reason: error.message }, { cause: error });
  }
}
