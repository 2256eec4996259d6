/** Reads the layers of one platform: what is known of each, or what is wrong with it. */
import type { Context } from "../context.ts";
import { isFailure } from "../errors.ts";
import { type FactsOptions, gatherFacts, layerFacts } from "../filesystem/cache.ts";
import type { LayerFacts } from "../filesystem/layer.ts";
import { type MemoryBudget, memoryBudget } from "../filesystem/limits.ts";
import type { PlatformImage } from "../image/image.ts";
import type { OpenImage } from "../image/open.ts";
import type { Descriptor } from "../oci/document.ts";
import { formatSize } from "../oci/size.ts";
import { inParallel } from "../process/parallel.ts";
import type { Report } from "../process/report.ts";
import { factsDirectory } from "../store/directory.ts";
import type { Finding } from "./finding.ts";
import { type Origin, originsOf } from "./origin.ts";
import { layerDamaged } from "./rules/layer-damaged.ts";
import type { OpenedOptions } from "./verify.ts";

export type ReadLayer = { readonly facts: LayerFacts } | { readonly finding: Finding };

/** Reading is mostly unpacking: one layer a core. */
const layersAtOnce = 2;

/** In the image's order. @throws the source's errors, and STORE_BLOB_DAMAGED where that is no finding */
export async function readLayers(
  image: PlatformImage,
  opened: OpenImage,
  options: OpenedOptions,
  context: Context,
): Promise<readonly ReadLayer[]> {
  const budget = memoryBudget();
  // The largest first: what is read last should not keep one core waiting for the other.
  const places = image.manifest.layers
    .map((layer, place) => ({ layer, place }))
    .toSorted((one, other) => other.layer.size - one.layer.size);
  const gathered = await inParallel(places, layersAtOnce, async ({ layer, place }) => {
    const reading = { image, place, opened, options, budget };
    return { layer, reading, read: await readOne(layer, reading, gatherFacts, context) };
  });
  const layers: ReadLayer[] = [];
  for (const { layer, reading, read } of gathered) {
    layers[reading.place] =
      read === "kept" ? await readOne<never>(layer, reading, layerFacts, context) : read;
  }
  return layers;
}

interface Reading {
  readonly image: PlatformImage;
  /** The layer's, in the image. */
  readonly place: number;
  readonly opened: OpenImage;
  readonly options: OpenedOptions;
  readonly budget: MemoryBudget;
}

/** `read` is one of the two ways that the cache has. */
async function readOne<Kept extends "kept">(
  layer: Descriptor,
  { image, place, opened, options: { damagedBlobs = "throw" }, budget }: Reading,
  read: (layer: Descriptor, options: FactsOptions) => Promise<LayerFacts | Kept>,
  { env, signal, report }: Context,
): Promise<ReadLayer | Kept> {
  const file = opened.file(layer.digest);
  const { source } = opened;
  // What is known of the layer already is not opened.
  const open: typeof source.open = (one) => {
    tellReading(one, place, image, report);
    return source.open(one);
  };
  try {
    const facts = await read(layer, {
      source: { ...source, open },
      directory: factsDirectory(env),
      signal,
      budget,
      ...(file === undefined ? {} : { file }),
    });
    return typeof facts === "string" ? facts : { facts };
  } catch (error) {
    const isFound =
      isFailure(error, "LAYER_DAMAGED") ||
      (damagedBlobs === "find" && isFailure(error, "STORE_BLOB_DAMAGED", "ARCHIVE_DAMAGED"));
    if (!isFound) throw error;
    return { finding: damagedLayer(layer, originsOf(image)[place], error.message) };
  }
}

/** Less is read before anybody wonders. */
const leastTold = 32_000_000;

/** Says that a layer is being read, where that takes a while. */
function tellReading(
  { size }: Descriptor,
  place: number,
  { manifest }: PlatformImage,
  report: Report,
): void {
  if (size < leastTold) return;
  const text = `Reading layer ${place + 1} of ${manifest.layers.length}: ${formatSize(size)}`;
  report({ kind: "note", text });
}

function damagedLayer(layer: Descriptor, origin: Origin | undefined, message: string): Finding {
  const prediction = sentenceOf(layer, message);
  return {
    rule: layerDamaged.id,
    severity: "error",
    message,
    layer: layer.digest,
    ...origin,
    ...(prediction === undefined ? {} : { prediction }),
    fix: layerDamaged.fix,
  };
}

/** What the engine says when it unpacks that layer (containerd, `core/content`; Go, `archive/tar`, `compress/gzip`). */
function sentenceOf({ digest }: Descriptor, message: string): string | undefined {
  if (/unexpected end of file|it ends within/.test(message)) return "unexpected EOF";
  if (/a header's checksum|header is not octal/.test(message))
    return "archive/tar: invalid tar header";
  if (/its bytes are sha256:/.test(message))
    return `filesystem layer verification failed for digest ${digest}`;
  return undefined;
}
