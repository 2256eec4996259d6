/** What a prune takes away, and why: pure, from an inventory and rules. */
import type { Digest } from "../oci/digest.ts";
import type { FactsFile } from "./facts.ts";
import type { Inventory } from "./inventory.ts";
import type { NamedEntry } from "./layout.ts";
import { bytesOf, openLedger } from "./ledger.ts";
import type { Leftover } from "./leftovers.ts";
import { lastBuiltMs, matches } from "./named.ts";
import { belongings, below, examine, joined } from "./reach.ts";

export interface PruneRules {
  /** Names that no build wrote or found for so long go. */
  readonly olderThanMs?: number;
  /** The oldest names go until what names lead to fits. */
  readonly maxBytes?: number;
  /** Only names that match one of these go; where nothing else is asked, all of them. See `matches` of named.ts. */
  readonly patterns?: readonly string[];
  /** Digests that must stay, whatever names them, each with all that it leads to; a name of one stays too. */
  readonly keep?: readonly Digest[];
}

/** `broken`: not one platform of it is whole. `full`: for the sake of `maxBytes`. */
export type GoReason = "broken" | "matched" | "old" | "full";

export interface NameToGo {
  readonly entry: NamedEntry;
  readonly reason: GoReason;
  /** What goes with it, that no name needs which stays. */
  readonly bytes: number;
}

/**
 * A plain `docker buildx build` into the store knows nothing of our locks. What no name leads to yet may be its work:
 * blobs that are younger than this stay, with all that they lead to, and so do the files of a transfer.
 */
export const graceMs = 10 * 60_000;

/** A transfer that goes on wrote so lately. While one does no blob goes: it may count on any. */
const transferMs = 60_000;

/** How long facts of a layer that is in no store are kept: verify may read it at a registry again. */
const factsMs = 30 * 24 * 60 * 60_000;

/** Whether somebody who has no lock of ours seems to write into the store. */
export function isBeingWritten({ leftovers, takenMs }: Inventory): boolean {
  return leftovers.some(
    ({ kind, writtenMs }) => kind === "ingest" && takenMs - writtenMs < transferMs,
  );
}

/** The names that go, the oldest first. */
function planNames(inventory: Inventory, rules: PruneRules): readonly NameToGo[] {
  const { patterns = [], maxBytes, keep = [] } = rules;
  const ledger = openLedger(inventory, keep);
  const chosen: NameToGo[] = [];
  const choose = (entry: NamedEntry, reason: GoReason) => {
    chosen.push({ entry, reason, bytes: ledger.takeAway(entry) });
  };
  const left: NamedEntry[] = [];
  for (const entry of oldestFirst(inventory)) {
    if (keep.includes(entry.descriptor.digest)) continue;
    const reason = reasonOf(entry, inventory, rules);
    if (reason === undefined) left.push(entry);
    else choose(entry, reason);
  }
  // While no blob may go, names would be taken away for nothing.
  if (maxBytes === undefined || isBeingWritten(inventory)) return chosen;
  for (const entry of left) {
    if (ledger.bytes() <= maxBytes) break;
    if (isMatched(entry, patterns)) choose(entry, "full");
  }
  return chosen;
}

function oldestFirst(inventory: Inventory): readonly NamedEntry[] {
  const age = new Map(inventory.entries.map((one) => [one, lastBuiltMs(one, inventory) ?? 0]));
  return inventory.entries.toSorted((one, other) => (age.get(one) ?? 0) - (age.get(other) ?? 0));
}

/** Why a name goes whatever the room. */
function reasonOf(
  entry: NamedEntry,
  inventory: Inventory,
  { patterns = [], olderThanMs, maxBytes }: PruneRules,
): GoReason | undefined {
  if (examine(entry.descriptor, inventory).state === "broken") return "broken";
  if (!isMatched(entry, patterns)) return undefined;
  if (olderThanMs !== undefined) {
    const age = inventory.takenMs - (lastBuiltMs(entry, inventory) ?? 0);
    return age > olderThanMs ? "old" : undefined;
  }
  return patterns.length > 0 && maxBytes === undefined ? "matched" : undefined;
}

function isMatched(entry: NamedEntry, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matches(entry, pattern));
}

export interface BlobRules {
  /** The names that stay. */
  readonly entries: readonly NamedEntry[];
  readonly keep: readonly Digest[];
  /** What belonged to names that this prune took away: however young, it is no build's unfinished work. */
  readonly released: ReadonlySet<Digest>;
}

export interface BlobsToGo {
  /** Each before what it leads to, so that none is ever there whose parts have gone. */
  readonly digests: readonly Digest[];
  readonly bytes: number;
  /** What no name leads to and stays all the same: it is too young, or the store is being written. */
  readonly spared: { readonly count: number; readonly bytes: number };
}

/** The blobs that nothing needs. */
export function planBlobs(inventory: Inventory, { entries, keep, released }: BlobRules): BlobsToGo {
  const { blobs, takenMs } = inventory;
  const needed = joined([...belongings(entries, inventory), below(keep, inventory)]);
  const isYoung = (digest: Digest) =>
    !released.has(digest) && takenMs - (blobs.get(digest)?.writtenMs ?? 0) < graceMs;
  const loose = [...blobs.keys()].filter((digest) => !needed.has(digest));
  const unfinished = below(loose.filter(isYoung), inventory);
  const isWritten = isBeingWritten(inventory);
  const spared = loose.filter((digest) => isWritten || unfinished.has(digest));
  const going = isWritten ? [] : loose.filter((digest) => !unfinished.has(digest));
  return {
    digests: parentsFirst(going, inventory),
    bytes: bytesOf(going, blobs),
    spared: { count: spared.length, bytes: bytesOf(spared, blobs) },
  };
}

function parentsFirst(
  digests: readonly Digest[],
  { documents }: Pick<Inventory, "documents">,
): readonly Digest[] {
  const left = new Set(digests);
  const childrenFirst: Digest[] = [];
  const visit = (digest: Digest) => {
    if (!left.delete(digest)) return;
    for (const part of documents.get(digest)?.parts ?? []) visit(part.digest);
    childrenFirst.push(digest);
  };
  for (const digest of digests) visit(digest);
  return childrenFirst.toReversed();
}

/** The files of writers that were interrupted. */
function planLeftovers({ leftovers, takenMs }: Inventory): readonly Leftover[] {
  return leftovers.filter(({ writtenMs }) => takenMs - writtenMs >= graceMs);
}

/** Facts of layers that go now, and old ones of layers that are nowhere. */
function planFacts(
  files: readonly FactsFile[],
  { blobs, takenMs }: Pick<Inventory, "blobs" | "takenMs">,
  going: readonly Digest[],
): readonly FactsFile[] {
  const gone = new Set(going);
  return files.filter(({ digest, writtenMs, isElsewhere }) => {
    if (isElsewhere || (blobs.has(digest) && !gone.has(digest))) return false;
    return gone.has(digest) || takenMs - writtenMs > factsMs;
  });
}

export interface PrunePlan {
  readonly names: readonly NameToGo[];
  readonly blobs: BlobsToGo;
  readonly leftovers: readonly Leftover[];
  readonly facts: readonly FactsFile[];
}

/** All that goes. */
export function planPrune(
  inventory: Inventory,
  facts: readonly FactsFile[],
  rules: PruneRules,
): PrunePlan {
  const names = planNames(inventory, rules);
  const going = new Set(names.map(({ entry }) => entry));
  const blobs = planBlobs(inventory, {
    entries: inventory.entries.filter((entry) => !going.has(entry)),
    keep: rules.keep ?? [],
    released: releasedBy(names, inventory),
  });
  return {
    names,
    blobs,
    leftovers: planLeftovers(inventory),
    facts: planFacts(facts, inventory, blobs.digests),
  };
}

/** What belonged to names that go. */
export function releasedBy(names: readonly NameToGo[], inventory: Inventory): ReadonlySet<Digest> {
  const entries = names.map(({ entry }) => entry);
  return joined(belongings(entries, inventory));
}
