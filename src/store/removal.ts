/** The steps of a prune: names first, then what they led to, so that whoever is interrupted leaves no name without its blobs. */
import { rm } from "node:fs/promises";
import type { Digest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import type { Step } from "../process/plan.ts";
import { type Amount, counted, sized, totalOf } from "./amount.ts";
import { type Inventory, takeInventory } from "./inventory.ts";
import { displayName } from "./named.ts";
import { type BlobsToGo, planBlobs, type PrunePlan, releasedBy } from "./plan.ts";
import { inDirectory, openStore } from "./store.ts";

/** What goes. The step that removes blobs puts what it found and took away in the place of what was planned. */
export interface Removal extends PrunePlan {
  blobs: BlobsToGo;
  /** The store as it was when blobs were chosen. */
  inventory: Inventory;
}

export interface RemovalOptions {
  /** The store's. */
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly keep: readonly Digest[];
}

/** One step for each kind of thing that goes. */
export function removalSteps(removal: Removal, options: RemovalOptions): readonly Step[] {
  const { names, blobs, leftovers, facts } = removal;
  const steps = [
    // First, because on a full disk not even a name can be taken away.
    {
      id: "remove-leftovers",
      title: `Remove ${sized(totalOf(leftovers), "leftover")}`,
      reason: "whoever wrote them was interrupted",
      commands: [],
      isNeeded: leftovers.length > 0,
      act: async () =>
        await inDirectory(options.directory, async () => await removeFiles(leftovers)),
    },
    {
      id: "remove-names",
      title: `Take away ${counted(names.length, "name")}`,
      reason: reasonOf(removal),
      commands: [],
      isNeeded: names.length > 0,
      act: async () => await removeNames(removal, options),
    },
    {
      id: "remove-blobs",
      title: `Remove ${sized(amountOf(blobs), "blob")}`,
      reason: "no name leads there",
      commands: [],
      isNeeded: blobs.digests.length > 0,
      act: async () => await removeBlobs(removal, options),
    },
    {
      id: "remove-facts",
      title: `Remove facts of ${sized(totalOf(facts), "layer")}`,
      reason: "they are nowhere any more",
      commands: [],
      isNeeded: facts.length > 0,
      // Facts that stay cost room, and nothing else.
      act: async () => await removeFiles(facts).catch(() => {}),
    },
  ];
  return steps.filter(({ isNeeded }) => isNeeded);
}

function reasonOf({ names }: Pick<Removal, "names">): string {
  const shown = names.slice(0, 5).map(({ entry }) => displayName(entry));
  const more = names.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

async function removeNames(removal: Removal, { directory, signal }: RemovalOptions): Promise<void> {
  const store = await openStore(directory, signal);
  await store.unname((descriptor) => isGoing(descriptor, removal));
}

/** A build that gives the name anew meanwhile has another descriptor there, were it only for its date. */
export function isGoing(descriptor: Descriptor, { names }: Pick<Removal, "names">): boolean {
  const text = JSON.stringify(descriptor);
  return names.some(({ entry }) => JSON.stringify(entry.descriptor) === text);
}

/** Looks again, because a build that has no lock of ours may have named something since the plan was made. */
async function removeBlobs(
  removal: Removal,
  { directory, signal, keep }: RemovalOptions,
): Promise<void> {
  const store = await openStore(directory, signal);
  const released = releasedBy(removal.names, removal.inventory);
  const inventory = await takeInventory(store);
  const blobs = planBlobs(inventory, { entries: inventory.entries, keep, released });
  for (const digest of blobs.digests) {
    signal.throwIfAborted();
    await store.discard(digest);
  }
  removal.inventory = inventory;
  removal.blobs = blobs;
}

async function removeFiles(files: readonly { readonly path: string }[]): Promise<void> {
  for (const { path } of files) await rm(path, { recursive: true, force: true });
}

/** Of the blobs that go. */
export function amountOf({ digests, bytes }: BlobsToGo): Amount {
  return { count: digests.length, bytes };
}
