/** What leads where in a store, and whether an image of it is whole. Pure: from an inventory. */
import type { Digest } from "../oci/digest.ts";
import { type Descriptor, isAttestation, isIndex } from "../oci/document.ts";
import { isDocument } from "./document.ts";
import type { Inventory } from "./inventory.ts";
import type { NamedEntry } from "./layout.ts";

/** Those blobs, and all that they lead to. */
export function below(
  roots: Iterable<Digest>,
  { documents }: Pick<Inventory, "documents">,
): ReadonlySet<Digest> {
  const found = new Set<Digest>(roots);
  // A set hands out what is added to it while it is walked.
  for (const digest of found) {
    const document = documents.get(digest);
    if (document === undefined) continue;
    for (const part of document.parts) found.add(part.digest);
    if (document.subject !== undefined) found.add(document.subject.digest);
  }
  return found;
}

/**
 * What belongs to each name: what it leads to, and the index of the same platforms without attestations, which containerd's
 * image store was given and by whose digest the engine calls the image (`plainIndex` of image/loadable.ts).
 */
export function belongings(
  entries: readonly NamedEntry[],
  inventory: Pick<Inventory, "documents">,
): readonly ReadonlySet<Digest>[] {
  const reached = entries.map(({ descriptor }) => below([descriptor.digest], inventory));
  const named = joined(reached);
  const plain = [...inventory.documents].filter(
    ([digest, { kind, parts }]) => kind === "index" && parts.length > 0 && !named.has(digest),
  );
  return reached.map((one) => {
    const own = plain.filter(([, { parts }]) => parts.every(({ digest }) => one.has(digest)));
    return own.length === 0 ? one : new Set([...one, ...own.map(([digest]) => digest)]);
  });
}

/** All that is in any of those. */
export function joined(sets: readonly ReadonlySet<Digest>[]): ReadonlySet<Digest> {
  const all = new Set<Digest>();
  for (const set of sets) for (const digest of set) all.add(digest);
  return all;
}

export type ImageState = "whole" | "partial" | "broken";

export interface Examined {
  /** `partial`: the image of at least one platform is whole. */
  readonly state: ImageState;
  /** The manifests of the image itself, present or not: attestations are left out. */
  readonly manifests: readonly Descriptor[];
  /** By digest, in the order in which they were found. */
  readonly problems: ReadonlyMap<Digest, string>;
}

/** Whether all of an image is there; documents have been held against their digest, layers only against their size. */
export function examine(root: Descriptor, inventory: Inventory): Examined {
  const problems = new Map<Digest, string>();
  const manifests = new Map<Digest, { descriptor: Descriptor; isWhole: boolean }>();
  const known = new Map<Digest, boolean>();
  const isWhole = look(root);
  const found = [...manifests.values()];
  const isUsable = found.some((one) => one.isWhole);
  return {
    state: isWhole ? "whole" : isUsable ? "partial" : "broken",
    manifests: found.map(({ descriptor }) => descriptor),
    problems,
  };

  function look(descriptor: Descriptor): boolean {
    const { digest } = descriptor;
    const before = known.get(digest);
    if (before !== undefined) return before;
    known.set(digest, true);
    const document = inventory.documents.get(digest);
    const problem = problemOf(descriptor, inventory);
    if (problem !== undefined) problems.set(digest, problem);
    const parts = (document?.parts ?? []).map(look);
    const isAll = problem === undefined && parts.every(Boolean);
    known.set(digest, isAll);
    const isManifest = document?.kind === "manifest" || !isIndex(descriptor);
    if (isManifest && isDocument(descriptor) && !isAttestation(descriptor))
      manifests.set(digest, { descriptor, isWhole: isAll });
    return isAll;
  }
}

function problemOf(
  { digest, size }: Descriptor,
  { blobs, damaged }: Pick<Inventory, "blobs" | "damaged">,
): string | undefined {
  const file = blobs.get(digest);
  if (file === undefined) return "it is missing";
  if (file.bytes !== size) return `it has ${file.bytes} bytes instead of ${size}`;
  return damaged.get(digest);
}
