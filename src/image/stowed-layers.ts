/** The layers of an image brought into the store: plain ones packed, once; others as they are. What the store has is not read. */
import { availableParallelism } from "node:os";
import { addAbortSignal } from "node:stream";
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import { type Digest, shortDigest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import { inParallel } from "../process/parallel.ts";
import { runTask } from "../process/running-task.ts";
import { type Amount, totalOf } from "../store/amount.ts";
import { type PlatformImage, platformName } from "./image.ts";
import type { OpenImage } from "./opened.ts";
import { isPlain, packedBefore, packLayer, type PackOptions } from "./packed-layer.ts";

export interface StowedLayers {
  /** What each plain layer is in the store, by its own digest, which is its DiffID. */
  readonly packed: ReadonlyMap<Digest, Descriptor>;
  readonly work: LayerWork;
}

/** Each layer counts once, however often it stands in the image. What the store had as it is sent is not counted. */
export interface LayerWork {
  /** Those packed now. */
  readonly packed: {
    readonly count: number;
    readonly bytesBefore: number;
    readonly bytesAfter: number;
  };
  /** Those packed by an earlier run, as they are packed. */
  readonly remembered: Amount;
  /** Those copied as they are. */
  readonly copied: Amount;
}

/** A core each, as long as there are threads for them: Node has four. */
const layersAtOnce = Math.min(4, availableParallelism());

/**
 * Packs and copies at most four layers side by side, each as it streams. After the first failure the others stop.
 * @throws IMAGE_UNREADABLE where a plain layer is not the one that the config names, the source's and the store's errors
 */
export async function stowLayers(
  opened: OpenImage,
  options: PackOptions,
  { report, signal }: Pick<Context, "report" | "signal">,
): Promise<StowedLayers> {
  for (const platform of opened.image.platforms) refuseOthers(opened.name, platform);
  const { known, missing } = await sortLayers(opened, options);
  const packed = new Map(known);
  const ended = new AbortController();
  const each = { report, signal: AbortSignal.any([signal, ended.signal]) };
  if (missing.length > 0) report({ kind: "tasks" });
  const stowed = await inParallel([...missing.entries()], layersAtOnce, async ([n, layer]) => {
    try {
      const inStore = await stowLayer(layer, n + 1, { opened, options, ...each });
      if (isPlain(layer)) packed.set(layer.digest, inStore);
      return { layer, bytes: inStore.size };
    } catch (error) {
      // What failed in one lane is not worth finishing in another.
      ended.abort(error);
      throw error;
    }
  });
  const now = stowed.filter(({ layer }) => isPlain(layer));
  const remembered = [...known.values()].map(({ size }) => ({ bytes: size }));
  return {
    packed,
    work: {
      packed: {
        count: now.length,
        bytesBefore: now.reduce((sum, { layer }) => sum + layer.size, 0),
        bytesAfter: totalOf(now).bytes,
      },
      remembered: totalOf(remembered),
      copied: totalOf(stowed.filter(({ layer }) => !isPlain(layer))),
    },
  };
}

/** What a layer of those bytes packs to would be remembered by its digest, so that must be its DiffID. */
function refuseOthers(image: string, platform: PlatformImage): void {
  const { manifest, config } = platform;
  for (const [n, layer] of manifest.layers.entries()) {
    const diffId = config.rootfs.diff_ids[n];
    if (!isPlain(layer) || layer.digest === diffId) continue;
    const problem = `layer ${n + 1} of ${platformName(platform)} is ${layer.digest}, and its config names ${diffId ?? "none"}`;
    throw fail("IMAGE_UNREADABLE", { image, problem });
  }
}

interface SortedLayers {
  /** Plain layers that the store has packed. */
  readonly known: ReadonlyMap<Digest, Descriptor>;
  /** The largest first: the last lane to end then ends soonest. */
  readonly missing: readonly Descriptor[];
}

async function sortLayers({ image }: OpenImage, options: PackOptions): Promise<SortedLayers> {
  const known = new Map<Digest, Descriptor>();
  const missing: Descriptor[] = [];
  const layers = image.platforms.flatMap(({ manifest }) => manifest.layers);
  for (const layer of new Map(layers.map((one) => [one.digest, one])).values()) {
    if (isPlain(layer)) {
      const before = await packedBefore(layer, options);
      if (before !== undefined) known.set(layer.digest, before);
      else missing.push(layer);
    } else if (!(await options.store.has(layer.digest, layer.size))) missing.push(layer);
  }
  return { known, missing: missing.toSorted((one, other) => other.size - one.size) };
}

interface StowingLayer extends Pick<Context, "report" | "signal"> {
  readonly opened: OpenImage;
  readonly options: PackOptions;
}

/** @returns the layer as it is in the store */
async function stowLayer(
  layer: Descriptor,
  number: number,
  { opened, options, report, signal }: StowingLayer,
): Promise<Descriptor> {
  const title = `${isPlain(layer) ? "Compress" : "Copy"} layer ${shortDigest(layer.digest)}`;
  const task = { number, title, isMain: true, total: layer.size };
  const work = async (count: (bytes: number) => void) => {
    const bytes = readLayer(layer, opened, { signal, count });
    if (isPlain(layer)) return await packLayer(layer, bytes, { ...options, signal });
    await options.store.writeBlob(layer, bytes);
    return layer;
  };
  return await runTask(task, work, { report, signal });
}

async function* readLayer(
  layer: Descriptor,
  { source }: Pick<OpenImage, "source">,
  { signal, count }: { readonly signal: AbortSignal; readonly count: (bytes: number) => void },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of addAbortSignal(signal, await source.open(layer))) {
    if (!(chunk instanceof Uint8Array)) continue;
    count(chunk.byteLength);
    yield chunk;
  }
}
