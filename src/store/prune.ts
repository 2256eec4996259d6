/** `transship store prune`: takes away what nothing needs, and names by their age, the room that they take, or a pattern. */
import type { Context } from "../context.ts";
import type { Digest } from "../oci/digest.ts";
import { carryOut, type DoneStep } from "../process/plan.ts";
import { type Amount, nothing, totalOf } from "./amount.ts";
import { factsDirectory, storeDirectory } from "./directory.ts";
import { findFacts } from "./facts.ts";
import { takeInventory } from "./inventory.ts";
import { layoutAt, openLayoutIfAny } from "./layout.ts";
import { bytesOf } from "./ledger.ts";
import type { Lock } from "../process/lock.ts";
import { displayName } from "./named.ts";
import { type GoReason, isBeingWritten, planPrune, type PruneRules } from "./plan.ts";
import { lockForReading } from "./reading.ts";
import { amountOf, isGoing, type Removal, removalSteps } from "./removal.ts";
import { openStore } from "./store.ts";

export interface PruneOptions extends PruneRules {
  /** The store's directory. */
  readonly store?: string;
  readonly dryRun?: boolean;
}

export interface PrunedName {
  /** `app:1`; see `displayName` of named.ts. */
  readonly name: string;
  readonly digest: Digest;
  readonly reason: GoReason;
  /** Of what went with it. */
  readonly bytes: number;
}

export interface PruneResult {
  /** The store's directory. */
  readonly store: string;
  /** `planned`: nothing was changed, and what follows is what would go. */
  readonly outcome: "pruned" | "unchanged" | "planned";
  readonly steps: readonly DoneStep[];
  readonly names: readonly PrunedName[];
  readonly blobs: Amount;
  /** Files of writers that were interrupted. */
  readonly leftovers: Amount;
  /** Facts of layers that are nowhere any more. */
  readonly facts: Amount;
  /** Blobs that no name leads to and that stay all the same; see `graceMs` of plan.ts. */
  readonly spared: Amount;
  /** Whether a `docker buildx build` seemed to write into the store, so that no blob went. */
  readonly isBeingWritten: boolean;
  /** What is in the store afterwards. */
  readonly left: { readonly names: number; readonly blobs: number; readonly bytes: number };
}

/** Shorter than a build waits, so that one which comes behind a prune that waits for another build still gets its turn. */
const lockDeadlineMs = 20_000;

/** @throws STORE_LOCKED, STORE_INDEX_DAMAGED, STORE_NOT_WRITABLE, STORE_LAYOUT_UNKNOWN, STORE_NOT_DIRECTORY */
export async function pruneStore(options: PruneOptions, context: Context): Promise<PruneResult> {
  const { env, report, signal } = context;
  const { dryRun = false, keep = [] } = options;
  const directory = storeDirectory({ flag: options.store, env });
  const layout = await openLayoutIfAny(directory);
  if (layout === undefined) return emptyResult(directory, dryRun);
  const lock = await lockFor(directory, dryRun, context);
  try {
    const inventory = await takeInventory(layout);
    const own = storeDirectory({ env });
    const elsewhere = own === directory ? undefined : layoutAt(own);
    const facts = await findFacts(factsDirectory(env), elsewhere);
    const removal: Removal = { ...planPrune(inventory, facts, options), inventory };
    const plan = removalSteps(removal, { directory, signal, keep });
    const steps = await carryOut(plan, { report, signal, dryRun });
    return resultOf(directory, removal, steps, dryRun);
  } finally {
    await lock.release();
  }
}

/** Nobody else may be in the store while blobs go; looking alone may stand beside builds. */
async function lockFor(
  directory: string,
  dryRun: boolean,
  { report, signal }: Pick<Context, "report" | "signal">,
): Promise<Lock> {
  const purpose = "transship store prune";
  const waiting = (owner: string) => {
    report({ kind: "note", text: `Waiting until ${owner} is done with the store.` });
  };
  if (dryRun) return await lockForReading(directory, { purpose, signal, waiting });
  const store = await openStore(directory, signal);
  return await store.lock("exclusive", { purpose, deadlineMs: lockDeadlineMs, waiting });
}

function resultOf(
  store: string,
  removal: Removal,
  steps: readonly DoneStep[],
  dryRun: boolean,
): PruneResult {
  const { inventory, names, blobs, leftovers, facts } = removal;
  const all = bytesOf(inventory.blobs.keys(), inventory.blobs);
  const stay = inventory.entries.filter(({ descriptor }) => !isGoing(descriptor, removal));
  const isChanged = steps.length > 0;
  return {
    store,
    outcome: dryRun ? "planned" : isChanged ? "pruned" : "unchanged",
    steps,
    names: names.map(({ entry, reason, bytes }) => ({
      name: displayName(entry),
      digest: entry.descriptor.digest,
      reason,
      bytes,
    })),
    blobs: amountOf(blobs),
    leftovers: totalOf(leftovers),
    facts: totalOf(facts),
    spared: blobs.spared,
    isBeingWritten: isBeingWritten(inventory),
    left: {
      names: stay.length,
      blobs: inventory.blobs.size - blobs.digests.length,
      bytes: all - blobs.bytes,
    },
  };
}

/** Of a store that is not there. */
function emptyResult(store: string, dryRun: boolean): PruneResult {
  return {
    store,
    outcome: dryRun ? "planned" : "unchanged",
    steps: [],
    names: [],
    blobs: nothing,
    leftovers: nothing,
    facts: nothing,
    spared: nothing,
    isBeingWritten: false,
    left: { names: 0, blobs: 0, bytes: 0 },
  };
}
