/** An image's documents, from its root down: index, manifests, configs (OCI image-spec, image-index.md, manifest.md, config.md). */
import { fail, isFailure, type TransshipError } from "../errors.ts";
import {
  type Descriptor,
  type ImageConfig,
  type ImageManifest,
  isAttestation,
  isIndex,
  parseConfig,
  parseIndex,
  parseManifest,
} from "../oci/document.ts";
import type { ContentSource } from "../oci/source.ts";
import { formatPlatform, type Platform, platformOf } from "../platform/platform.ts";

/** The image for one platform. */
export interface PlatformImage {
  /** What its config says it is for; `undefined` for systems and architectures that nothing here knows. */
  readonly platform: Platform | undefined;
  /** The manifest's. */
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
}

export interface Image {
  readonly root: Descriptor;
  readonly platforms: readonly PlatformImage[];
  /** Listed in the index, and not there: an engine that pulled one platform keeps the index of all. */
  readonly absent: readonly Descriptor[];
}

/** An index may hold indexes; deeper than this it is nobody's image. */
const deepest = 4;
const mostPlatforms = 256;

export interface ReadOptions {
  readonly source: ContentSource;
  /** For errors. */
  readonly name: string;
  /** Pass over platforms whose manifest or config is not there. */
  readonly mayLack?: boolean;
}

/**
 * Reads index, manifests and configs; no layer. Attestations are left out.
 * @throws IMAGE_UNREADABLE, the source's own errors
 */
export async function readImage(root: Descriptor, options: ReadOptions): Promise<Image> {
  try {
    const manifests = await manifestsBelow(root, options.source, 0);
    const read = await Promise.all(
      manifests.map(async (one) => await readOrPass(one, options, manifests.length)),
    );
    return {
      root,
      platforms: read.filter((one) => one !== undefined),
      absent: manifests.filter((_, n) => read[n] === undefined),
    };
  } catch (error) {
    throw error instanceof SyntaxError ? malformed(options.name, error) : error;
  }
}

/** The error for an image one of whose documents is not what it should be. */
export function malformed(image: string, error: SyntaxError): TransshipError {
  const problem = error.message.replace(/\.$/, "");
  return fail("IMAGE_UNREADABLE", { image, problem }, { cause: error });
}

async function readOrPass(
  descriptor: Descriptor,
  { source, mayLack = false }: ReadOptions,
  platforms: number,
): Promise<PlatformImage | undefined> {
  try {
    return await readPlatform(descriptor, source);
  } catch (error) {
    const isPassed =
      mayLack && platforms > 1 && isFailure(error, "STORE_BLOB_MISSING", "ARCHIVE_BLOB_MISSING");
    if (!isPassed) throw error;
    return undefined;
  }
}

async function manifestsBelow(
  descriptor: Descriptor,
  source: ContentSource,
  depth: number,
): Promise<readonly Descriptor[]> {
  if (!isIndex(descriptor)) return [descriptor];
  if (depth === deepest) throw new SyntaxError(`indexes are nested deeper than ${deepest}`);
  const { manifests } = parseIndex(await source.read(descriptor));
  const found: Descriptor[] = [];
  for (const child of manifests) {
    if (!isAttestation(child)) found.push(...(await manifestsBelow(child, source, depth + 1)));
    if (found.length > mostPlatforms)
      throw new SyntaxError(`it has more than ${mostPlatforms} platforms`);
  }
  return found;
}

async function readPlatform(descriptor: Descriptor, source: ContentSource): Promise<PlatformImage> {
  const manifest = parseManifest(await source.read(descriptor));
  const config = parseConfig(await source.read(manifest.config));
  return { platform: platformOf(config), descriptor, manifest, config };
}

/** The config's own words: `linux/amd64`, `linux/arm/v7`, `windows/amd64`. */
export function labelOf({
  os,
  architecture,
  variant,
}: Pick<ImageConfig, "os" | "architecture" | "variant">): string {
  return [os, architecture, variant].filter((word) => word !== undefined && word !== "").join("/");
}

/** The platform as people write it; the config's own words where nothing here knows them. */
export function platformName({
  platform,
  config,
}: Pick<PlatformImage, "platform" | "config">): string {
  return platform === undefined ? labelOf(config) : formatPlatform(platform);
}
