/** `transship verify`: reads an image and says, without running it, whether it is what its label says. */
import path from "node:path";
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import { layerFacts } from "../filesystem/cache.ts";
import { memoryBudget } from "../filesystem/limits.ts";
import { mergeLayers } from "../filesystem/tree.ts";
import { type PlatformImage, labelOf, platformName } from "../image/image.ts";
import { type OpenImage, openImage } from "../image/open.ts";
import type { Subject } from "../image/subject.ts";
import type { Digest } from "../oci/digest.ts";
import { formatPlatform, type Platform, samePlatform } from "../platform/platform.ts";
import { inParallel } from "../process/parallel.ts";
import { cacheDirectory, storeDirectory } from "../store/directory.ts";
import { type Finding, type Unproven, type Verdict, verdictOf, worstVerdict } from "./finding.ts";
import { checkIndex, checkLabel, checkLayers, type Expectation, expectationOf } from "./label.ts";
import { checkProgram } from "./program.ts";

export type { Verdict } from "./finding.ts";

export interface VerifyOptions {
  readonly subject: Subject;
  /** The platforms that it must have; absent: those that it has. */
  readonly platforms?: readonly Platform[];
  /** What every platform of it must be labelled with. */
  readonly expected?: Expectation;
  /** The store's directory. */
  readonly store?: string;
}

export interface PlatformVerdict {
  /** As the config says it: `linux/amd64`. */
  readonly platform: string;
  /** The manifest's. */
  readonly digest: Digest;
  readonly verdict: Verdict;
  readonly label: { readonly architecture: string; readonly os: string; readonly variant?: string };
  /** The program that was checked, as the kernel finds it. */
  readonly program?: string;
  readonly findings: readonly Finding[];
  readonly unproven: readonly Unproven[];
}

export interface VerifyResult {
  readonly subject: string;
  readonly verdict: Verdict;
  readonly image: {
    readonly name: string;
    /** The engine's ID where it is the engine's, else the root's digest. */
    readonly id: Digest;
    /** Bytes: the engine's count, else the compressed layers of all platforms. */
    readonly sizeBytes: number;
    /** RFC 3339. */
    readonly created?: string;
    readonly from: OpenImage["from"];
  };
  readonly platforms: readonly PlatformVerdict[];
}

/** Reading is mostly unpacking: one layer a core. */
const layersAtOnce = 2;

/** What this version does not look at yet; said on every platform. */
const notChecked: Unproven = "Programs other than the one that the image starts were not checked.";

/** @throws IMAGE_MISSING, IMAGE_PLATFORM_MISSING, IMAGE_UNREADABLE, LAYER_DAMAGED, the errors of engine, store and registry */
export async function verify(options: VerifyOptions, context: Context): Promise<VerifyResult> {
  const store = storeDirectory({ flag: options.store, env: context.env });
  const opened = await openImage(options.subject, { store }, context);
  try {
    return await verifyOpened(opened, options, context);
  } finally {
    await opened.close();
  }
}

/** Verifies an image that the caller has opened, and closes. @throws what {@link verify} throws */
export async function verifyOpened(
  opened: OpenImage,
  options: Pick<VerifyOptions, "platforms" | "expected">,
  context: Context,
): Promise<VerifyResult> {
  const chosen = choose(opened, options.platforms);
  const platforms: PlatformVerdict[] = [];
  for (const one of chosen) platforms.push(await verifyPlatform(one, opened, options, context));
  return {
    subject: opened.name,
    verdict: worstVerdict(platforms.map(({ verdict }) => verdict)),
    image: describe(opened),
    platforms,
  };
}

interface Chosen {
  readonly image: PlatformImage;
  /** The platform that it was chosen for. */
  readonly asked?: Platform;
}

/** Those that were asked for; an image of one platform is always looked at, and its label then tells whether it is the one. */
function choose(
  { image, name }: OpenImage,
  asked: readonly Platform[] | undefined,
): readonly Chosen[] {
  if (asked === undefined) return image.platforms.map((one) => ({ image: one }));
  return asked.map((wanted) => {
    const found = image.platforms.find(
      ({ platform }) => platform !== undefined && samePlatform(platform, wanted),
    );
    const [only, another] = image.platforms;
    const one = found ?? (another === undefined ? only : undefined);
    if (one === undefined) {
      const present = image.platforms.map(platformName);
      throw fail("IMAGE_PLATFORM_MISSING", {
        image: name,
        platform: formatPlatform(wanted),
        present,
      });
    }
    return { image: one, asked: wanted };
  });
}

async function verifyPlatform(
  { image, asked }: Chosen,
  opened: OpenImage,
  { expected = {} }: Pick<VerifyOptions, "expected">,
  context: Context,
): Promise<PlatformVerdict> {
  const { config, manifest, descriptor, platform } = image;
  const directory = path.join(cacheDirectory(context.env), "facts");
  const budget = memoryBudget();
  const layers = await inParallel(manifest.layers, layersAtOnce, async (layer) => {
    const file = opened.file(layer.digest);
    const own = file === undefined ? {} : { file };
    return await layerFacts(layer, {
      source: opened.source,
      directory,
      signal: context.signal,
      budget,
      ...own,
    });
  });
  const wanted = asked === undefined ? expected : { ...expectationOf(asked), ...expected };
  const digests = manifest.layers.map(({ digest }) => digest);
  const documents = [
    ...checkLabel(image, wanted),
    ...checkIndex(image),
    ...checkLayers(
      image,
      layers.map(({ diffId }) => diffId),
    ),
  ];
  const program =
    platform === undefined
      ? { findings: [], unproven: [`Nothing is known about programs for ${labelOf(config)}.`] }
      : checkProgram(mergeLayers(layers), config.config, platform, digests);
  const findings = [...documents, ...program.findings];
  const unread = layers.flatMap((layer) => layer.unread);
  const unproven = [...program.unproven, ...unread, notChecked];
  for (const layer of layers) layer.close();
  return {
    platform: platformName(image),
    digest: descriptor.digest,
    verdict: verdictOf(findings, unproven),
    label: {
      architecture: config.architecture,
      os: config.os,
      ...(config.variant === undefined ? {} : { variant: config.variant }),
    },
    ...(program.program === undefined ? {} : { program: program.program }),
    findings,
    unproven,
  };
}

function describe({ name, from, image, engine }: OpenImage): VerifyResult["image"] {
  const created = engine?.created ?? image.platforms[0]?.config.created;
  const layers = image.platforms.flatMap(({ manifest }) => manifest.layers);
  const unique = new Map(layers.map(({ digest, size }) => [digest, size]));
  const compressed = [...unique.values()].reduce((sum, size) => sum + size, 0);
  return {
    name,
    id: engine?.id ?? image.root.digest,
    sizeBytes: engine?.size ?? compressed,
    from,
    ...(created === undefined ? {} : { created }),
  };
}
