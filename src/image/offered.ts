/** For which platforms an image exists: asked at its registry or read from a layout, and kept for a while. */
import * as z from "zod";
import { speaksPlainHttp } from "../builder/registries.ts";
import type { Context } from "../context.ts";
import { openImage } from "./open.ts";
import { platformName } from "./image.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import {
  type Descriptor,
  isAttestation,
  isIndex,
  mediaTypes,
  parseConfig,
  parseIndex,
  parseManifest,
} from "../oci/document.ts";
import { familiarName, parseReference, tagged } from "../oci/reference.ts";
import type { ContentSource } from "../oci/source.ts";
import { formatPlatform, platformOf } from "../platform/platform.ts";
import { registrySource } from "../registry/source.ts";
import { remembered } from "../store/answers.ts";
import { openLayout } from "../store/layout.ts";

/** What an image holds: the platforms of an index, or the one of an image that is for one alone. */
export interface OfferedPlatforms {
  readonly kind: "index" | "single";
  /** Normal forms. */
  readonly platforms: readonly string[];
}

interface AskedImage {
  /** As BuildKit will ask for it. */
  readonly name: string;
  /** The layout that stands in for it: `DIR[:TAG][@DIGEST]`. */
  readonly layout?: string;
}

/** A tag may lead elsewhere tomorrow; a digest never does. In milliseconds. */
const tagLifeMs = 60 * 60_000;

/** An index has manifests, a manifest has none. */
const document = z.object({ manifests: z.array(z.unknown()).optional() });

/** The context's signal ends the question. @throws the layout's and the registry's errors, and what the signal ends with */
export async function offeredPlatforms(
  { name, layout }: AskedImage,
  context: Context,
): Promise<OfferedPlatforms | undefined> {
  // A question in passing: what goes wrong is told by the build itself.
  const quiet = { ...context, report: () => {} };
  if (layout !== undefined) return await inLayout(layout, quiet);
  const reference = tagged(parseReference(name));
  const forMs = reference.digest === undefined ? tagLifeMs : Number.POSITIVE_INFINITY;
  const question = { key: `platforms ${familiarName(reference)}`, forMs, env: context.env };
  const [kind, ...platforms] = await remembered(question, async () => {
    const plainHttp = await speaksPlainHttp(reference.registry, context.env);
    const { source, root } = await registrySource(reference, quiet, { plainHttp });
    const found = root === undefined ? undefined : await platformsOf(root, source);
    return found === undefined ? [] : [found.kind, ...found.platforms];
  });
  return kind === "index" || kind === "single" ? { kind, platforms } : undefined;
}

/** `DIR[:TAG][@DIGEST]`; a store of ours holds many images, and names the one that is meant by its digest. */
async function inLayout(layout: string, context: Context): Promise<OfferedPlatforms | undefined> {
  const [, directory = "", name, digest = ""] =
    /^(.*?)(?::([^:/@]+))?(?:@(sha256:[0-9a-f]{64}))?$/s.exec(layout) ?? [];
  if (isDigest(digest)) return await byDigest(digest, directory);
  const choice = name === undefined ? {} : { name };
  const subject = { transport: "oci", directory, ...choice } as const;
  // Of a layout nothing is held open that would have to be closed.
  const { image } = await openImage(subject, { store: directory }, context);
  const kind = isIndex(image.root) ? "index" : "single";
  return { kind, platforms: image.platforms.map(platformName) };
}

async function byDigest(digest: Digest, directory: string): Promise<OfferedPlatforms | undefined> {
  const layout = await openLayout(directory);
  const size = await layout.sizeOf(digest);
  if (size === undefined) return undefined;
  const read = document.safeParse(
    JSON.parse(Buffer.from(await layout.read({ digest, size })).toString()),
  );
  const isList = read.success && read.data.manifests !== undefined;
  const mediaType = isList ? mediaTypes.index : mediaTypes.manifest;
  return await platformsOf({ mediaType, digest, size }, layout);
}

/** `undefined` where the index does not say it. */
async function platformsOf(
  root: Descriptor,
  source: ContentSource,
): Promise<OfferedPlatforms | undefined> {
  const bytes = await source.read(root);
  if (!isIndex(root)) {
    const config = parseConfig(await source.read(parseManifest(bytes).config));
    return { kind: "single", platforms: [platformName({ platform: platformOf(config), config })] };
  }
  const { manifests } = parseIndex(bytes);
  const images = manifests.filter((one) => !isAttestation(one));
  if (images.some(({ platform }) => platform === undefined)) return undefined;
  const platforms = images.flatMap(({ platform }) => (platform && platformOf(platform)) ?? []);
  return { kind: "index", platforms: platforms.map(formatPlatform) };
}
