/** `transship store ls`: what a store holds, how much room each image takes, and whether it is whole. */
import type { Context } from "../context.ts";
import type { Digest } from "../oci/digest.ts";
import { type Descriptor, mediaTypes, parseConfig } from "../oci/document.ts";
import { formatPlatform, platformOf } from "../platform/platform.ts";
import { inParallel } from "../process/parallel.ts";
import { type Amount, nothing, totalOf } from "./amount.ts";
import { factsDirectory, storeDirectory } from "./directory.ts";
import { findFacts } from "./facts.ts";
import { type Inventory, takeInventory } from "./inventory.ts";
import { type Layout, type NamedEntry, openLayoutIfAny } from "./layout.ts";
import { bytesOf, type Ledger, openLedger } from "./ledger.ts";
import { noteWaiting } from "../process/lock.ts";
import { displayName, lastBuiltMs } from "./named.ts";
import { type Examined, examine, type ImageState } from "./reach.ts";
import { lockForReading } from "./reading.ts";

export interface ListOptions {
  /** The store's directory. */
  readonly store?: string;
}

/** What one entry of `index.json` leads to. */
export interface StoredImage {
  /** As people see it: `app:1`; see `displayName` of named.ts. */
  readonly label: string;
  /** `docker.io/library/app:1`. */
  readonly name?: string;
  readonly tag?: string;
  /** Of the manifest or index. */
  readonly digest: Digest;
  readonly mediaType: string;
  /** As index or config say it; none of what is no image. */
  readonly platforms: readonly string[];
  readonly state: ImageState;
  readonly problems: readonly { readonly digest: Digest; readonly problem: string }[];
  /** Compressed bytes that this name alone needs. */
  readonly ownBytes: number;
  /** Compressed bytes that other names need too. */
  readonly sharedBytes: number;
  /** When a build last wrote or found it, in milliseconds since the epoch; unknown where its root is missing. */
  readonly builtMs?: number;
}

export interface StoreListing {
  /** The store's directory. */
  readonly store: string;
  readonly takenMs: number;
  /** The newest first. */
  readonly images: readonly StoredImage[];
  readonly totals: {
    readonly blobs: Amount;
    /** Those of the blobs that no name leads to. */
    readonly unnamed: Amount;
    /** Files of writers, at work or interrupted. */
    readonly leftovers: Amount;
    /** Facts of layers, kept beside the stores of this machine. */
    readonly facts: Amount;
  };
}

/** Changes nothing. @throws STORE_LOCKED, STORE_INDEX_DAMAGED, STORE_LAYOUT_UNKNOWN, STORE_NOT_DIRECTORY */
export async function listStore(
  options: ListOptions,
  { env, signal, report }: Pick<Context, "env" | "signal" | "report">,
): Promise<StoreListing> {
  const store = storeDirectory({ flag: options.store, env });
  const facts = totalOf(await findFacts(factsDirectory(env)));
  const layout = await openLayoutIfAny(store);
  if (layout === undefined) {
    const totals = { blobs: nothing, unnamed: nothing, leftovers: nothing, facts };
    return { store, takenMs: Date.now(), images: [], totals };
  }
  const lock = await lockForReading(store, {
    purpose: "transship store ls",
    signal,
    waiting: noteWaiting(report),
  });
  try {
    const inventory = await takeInventory(layout);
    const ledger = openLedger(inventory);
    const images = await imagesIn(inventory, ledger, layout);
    const totals = { ...totalsOf(inventory, ledger), facts };
    return { store, takenMs: inventory.takenMs, images, totals };
  } finally {
    await lock.release();
  }
}

async function imagesIn(
  inventory: Inventory,
  ledger: Ledger,
  layout: Layout,
): Promise<readonly StoredImage[]> {
  const images = await inParallel(inventory.entries, 4, async (entry) => {
    const examined = examine(entry.descriptor, inventory);
    const platforms = await inParallel(examined.manifests, 4, async (manifest) =>
      platformOfManifest(manifest, inventory, layout),
    );
    return imageOf(entry, { examined, platforms, inventory, ledger });
  });
  return images.toSorted((one, other) => (other.builtMs ?? 0) - (one.builtMs ?? 0));
}

function imageOf(
  entry: NamedEntry,
  about: {
    readonly examined: Examined;
    readonly platforms: readonly (string | undefined)[];
    readonly inventory: Inventory;
    readonly ledger: Ledger;
  },
): StoredImage {
  const { descriptor, name, tag } = entry;
  const { examined, inventory, ledger } = about;
  const { own, shared } = ledger.shares(entry);
  const builtMs = lastBuiltMs(entry, inventory);
  return {
    label: displayName(entry),
    ...(name === undefined ? {} : { name }),
    ...(tag === undefined ? {} : { tag }),
    digest: descriptor.digest,
    mediaType: descriptor.mediaType,
    platforms: about.platforms.filter((one) => one !== undefined),
    state: examined.state,
    problems: [...examined.problems].map(([digest, problem]) => ({ digest, problem })),
    ownBytes: own,
    sharedBytes: shared,
    ...(builtMs === undefined ? {} : { builtMs }),
  };
}

function totalsOf(
  { blobs, leftovers }: Inventory,
  ledger: Ledger,
): Omit<StoreListing["totals"], "facts"> {
  const unnamed = [...blobs.keys()].filter((digest) => !ledger.isNeeded(digest));
  return {
    blobs: { count: blobs.size, bytes: bytesOf(blobs.keys(), blobs) },
    unnamed: { count: unnamed.length, bytes: bytesOf(unnamed, blobs) },
    leftovers: totalOf(leftovers),
  };
}

/** What the index says, else the config; `undefined` for what is no image. */
async function platformOfManifest(
  { digest, platform }: Descriptor,
  { documents }: Inventory,
  layout: Layout,
): Promise<string | undefined> {
  if (platform !== undefined) return wordsOf(platform);
  const config = documents.get(digest)?.parts.find(({ mediaType }) => configTypes.has(mediaType));
  if (config === undefined) return undefined;
  try {
    return wordsOf(parseConfig(await layout.read(config)));
  } catch {
    // What is wrong with it has been found already, or is no concern of a list.
    return undefined;
  }
}

const configTypes = new Set<string>([mediaTypes.config, mediaTypes.dockerConfig]);

function wordsOf(
  words: Pick<NonNullable<Descriptor["platform"]>, "os" | "architecture" | "variant">,
) {
  try {
    const platform = platformOf(words);
    if (platform !== undefined) return formatPlatform(platform);
  } catch {
    // A variant that nothing here knows.
  }
  return [words.os, words.architecture, words.variant].filter(Boolean).join("/");
}
