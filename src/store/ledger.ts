/** How much each name of a store holds: alone, with others, and what goes when it goes. Pure: from an inventory. */
import type { Digest } from "../oci/digest.ts";
import type { Inventory } from "./inventory.ts";
import type { NamedEntry } from "./layout.ts";
import { belongings, below } from "./reach.ts";

/** Which names need which blobs. */
export interface Ledger {
  /** Of all that any name needs. */
  bytes(): number;
  isNeeded(digest: Digest): boolean;
  /** The bytes that this name alone needs, and those that others need too. */
  shares(entry: NamedEntry): { readonly own: number; readonly shared: number };
  /** @returns the bytes that nothing needs any more */
  takeAway(entry: NamedEntry): number;
}

/** `keep`: digests that stay whatever names them, with what they lead to. */
export function openLedger(inventory: Inventory, keep: readonly Digest[] = []): Ledger {
  const { entries, blobs } = inventory;
  const sets = belongings(entries, inventory);
  const needs = new Map(entries.map((entry, n) => [entry, sets[n] ?? new Set<Digest>()]));
  const belongingsOf = (entry: NamedEntry) => [...(needs.get(entry) ?? [])];
  /** How many need each blob. */
  const counts = new Map<Digest, number>();
  let bytes = 0;
  const count = (digest: Digest, step: 1 | -1) => {
    const before = counts.get(digest) ?? 0;
    counts.set(digest, before + step);
    const changes = step === 1 ? before === 0 : before === 1;
    if (changes) bytes += step * bytesOf([digest], blobs);
  };
  for (const set of [...sets, below(keep, inventory)]) for (const digest of set) count(digest, 1);
  return {
    bytes: () => bytes,
    isNeeded: (digest) => (counts.get(digest) ?? 0) > 0,
    shares(entry) {
      const all = belongingsOf(entry);
      const alone = all.filter((digest) => counts.get(digest) === 1);
      const own = bytesOf(alone, blobs);
      return { own, shared: bytesOf(all, blobs) - own };
    },
    takeAway(entry) {
      const before = bytes;
      for (const digest of belongingsOf(entry)) count(digest, -1);
      return before - bytes;
    },
  };
}

/** The bytes of those blobs; of one that is missing none. */
export function bytesOf(digests: Iterable<Digest>, blobs: Inventory["blobs"]): number {
  let bytes = 0;
  for (const digest of digests) bytes += blobs.get(digest)?.bytes ?? 0;
  return bytes;
}
