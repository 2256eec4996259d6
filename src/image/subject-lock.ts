/** What an image is read from, locked meanwhile. */
import type { Context } from "../context.ts";
import { noteWaiting, type Lock } from "../process/lock.ts";
import { lockForReading } from "../store/reading.ts";
import type { Subject } from "./subject.ts";

/**
 * Nothing is pruned away while it is read: from the layout that is named, else from the store, which every other image leans on.
 * `verb`: who it is that reads, for those who wait.
 * @throws STORE_LOCKED, INTERRUPTED or TERMINATED
 */
export async function lockSubject(
  subject: Subject,
  { store, verb }: { readonly store: string; readonly verb: string },
  { signal, report }: Pick<Context, "signal" | "report">,
): Promise<Lock> {
  return await lockForReading(subject.transport === "oci" ? subject.directory : store, {
    purpose: `transship ${verb}`,
    signal,
    waiting: noteWaiting(report),
  });
}
