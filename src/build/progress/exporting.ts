/** The bytes of an export, which BuildKit does not tell of: seen where they are written. */
import { Incoming } from "../../store/incoming.ts";
import type { Run } from "./progress.ts";

const everyMs = 250;

/** Looks while the run exports. @returns what ends the looking */
export function watchExport(run: Run, store: string): () => void {
  const incoming = new Incoming(store);
  // What is under way now belongs to others.
  const begun = incoming.look();
  let isLooking = false;
  const look = async () => {
    if (isLooking || !run.isExporting) return;
    isLooking = true;
    await begun;
    run.exported(await incoming.look());
    isLooking = false;
  };
  // What cannot be looked at is not shown.
  const timer = setInterval(() => void look().catch(() => {}), everyMs).unref();
  return () => clearInterval(timer);
}
