/** Reads the layers of one platform: what is known of each, or what is wrong with it. */
import type { Context } from "../context.ts";
import { isFailure } from "../errors.ts";
import { layerFacts } from "../filesystem/cache.ts";
import type { LayerFacts } from "../filesystem/layer.ts";
import { type MemoryBudget, memoryBudget } from "../filesystem/limits.ts";
import type { PlatformImage } from "../image/image.ts";
import type { OpenImage } from "../image/open.ts";
import type { Descriptor } from "../oci/document.ts";
import { inParallel } from "../process/parallel.ts";
import { factsDirectory } from "../store/directory.ts";
import type { Finding } from "./finding.ts";
import { originOf, originsOf } from "./origin.ts";
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
  const read = await inParallel(places, layersAtOnce, async ({ layer, place }) => ({
    place,
    layer: await readOne(layer, { image, opened, options, budget }, context),
  }));
  return read.toSorted((one, other) => one.place - other.place).map(({ layer }) => layer);
}

interface Reading {
  readonly image: PlatformImage;
  readonly opened: OpenImage;
  readonly options: OpenedOptions;
  readonly budget: MemoryBudget;
}

async function readOne(
  layer: Descriptor,
  { image, opened, options: { damagedBlobs = "throw" }, budget }: Reading,
  { env, signal }: Context,
): Promise<ReadLayer> {
  const file = opened.file(layer.digest);
  try {
    const facts = await layerFacts(layer, {
      source: opened.source,
      directory: factsDirectory(env),
      signal,
      budget,
      ...(file === undefined ? {} : { file }),
    });
    return { facts };
  } catch (error) {
    const isFound =
      isFailure(error, "LAYER_DAMAGED") ||
      (damagedBlobs === "find" && isFailure(error, "STORE_BLOB_DAMAGED", "ARCHIVE_DAMAGED"));
    if (!isFound) throw error;
    return { finding: damagedLayer(image, layer, error.message) };
  }
}

function damagedLayer(image: PlatformImage, layer: Descriptor, message: string): Finding {
  const at = image.manifest.layers.findIndex(({ digest }) => digest === layer.digest);
  const prediction = sentenceOf(layer, message);
  return {
    rule: layerDamaged.id,
    severity: "error",
    message,
    ...originOf(originsOf(image), { layer: at }),
    layer: layer.digest,
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
