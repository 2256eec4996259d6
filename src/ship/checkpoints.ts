/**
 * Images of an image's lower layers alone, which a server's engine pulls beside the whole one. The classic image store throws away all
 * layers of a pull that fails; those that such an image holds stay, and the next run sends only what is still missing. Both pulls share
 * what they download (moby/moby, `distribution/xfer`: a layer under way is known by its digest and those below it), so nothing is
 * sent twice.
 */
import type { PlatformImage } from "../image/image.ts";
import { digestOf } from "../oci/digest.ts";
import { type Descriptor, descriptorOf } from "../oci/document.ts";
import type { Manifest } from "../oci/parts.ts";

export interface Checkpoint {
  readonly manifest: Manifest;
  readonly config: Manifest;
}

/** Less is sent again rather than kept, in bytes. */
const leastBytes = 16_000_000;
/** Each costs the server a `docker pull`. */
const mostCheckpoints = 8;

/** The lowest first; none where little is missing, or all of it in the top layer. */
export function checkpointsOf(
  one: Pick<PlatformImage, "descriptor" | "manifest" | "config">,
  missing: readonly Descriptor[],
): readonly Checkpoint[] {
  const { layers } = one.manifest;
  const lacking = new Set(missing.map(({ digest }) => digest));
  const sizes = layers.map(({ digest, size }) => (lacking.has(digest) ? size : 0));
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  const step = Math.max(leastBytes, whole / (mostCheckpoints + 1));
  const found: Checkpoint[] = [];
  let since = 0;
  for (const [n, size] of sizes.slice(0, -1).entries()) {
    since += size;
    if (since < step) continue;
    found.push(checkpointAt(one, n + 1));
    since = 0;
  }
  return found;
}

function checkpointAt(
  {
    descriptor: { mediaType },
    manifest,
    config,
  }: Pick<PlatformImage, "descriptor" | "manifest" | "config">,
  count: number,
): Checkpoint {
  const { os, architecture, variant, rootfs } = config;
  const own = documentOf(manifest.config.mediaType, {
    os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    config: {},
    rootfs: { type: rootfs.type, diff_ids: rootfs.diff_ids.slice(0, count) },
  });
  const layers = manifest.layers
    .slice(0, count)
    .map((layer) => ({ mediaType: layer.mediaType, digest: layer.digest, size: layer.size }));
  return {
    config: own,
    manifest: documentOf(mediaType, {
      schemaVersion: 2,
      mediaType,
      config: own.descriptor,
      layers,
    }),
  };
}

function documentOf(mediaType: string, document: object): Manifest {
  const bytes = Buffer.from(JSON.stringify(document));
  return { descriptor: descriptorOf(mediaType, bytes, digestOf(bytes)), bytes };
}
