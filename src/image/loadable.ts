/**
 * An image as `docker load` reads it. The classic image store wants Docker's own archive (moby, `image/tarexport`):
 * `manifest.json`, config and layers, compressed or not, one platform a tag; layers that it has may be left out. containerd's
 * wants an OCI layout (OCI image-spec, image-layout.md).
 */
import { type TarFile, tarFile } from "../filesystem/tarball.ts";
import { type Digest, hexOf } from "../oci/digest.ts";
import { type Descriptor, mediaTypes } from "../oci/document.ts";
import type { ContentSource } from "../oci/source.ts";
import { annotations } from "../store/names.ts";
import { layoutVersion } from "../store/layout.ts";
import type { PlatformImage } from "./image.ts";

/** How many of an image's layers, from the lowest up, are those of an image that the engine has. */
export function sharedLayers(
  diffIds: readonly Digest[],
  present: readonly (readonly Digest[])[],
): number {
  const shared = present.map((layers) => {
    const differs = diffIds.findIndex((diffId, n) => layers[n] !== diffId);
    return differs === -1 ? diffIds.length : differs;
  });
  return Math.max(0, ...shared);
}

/** Docker's own archive of one platform under one tag, without its lowest `skip` layers. */
export function dockerArchive(
  { manifest }: Pick<PlatformImage, "manifest">,
  options: { readonly source: ContentSource; readonly tag: string; readonly skip: number },
): readonly TarFile[] {
  const { source, tag, skip } = options;
  const names = manifest.layers.map(({ digest }) => `${hexOf(digest)}.tar`);
  const config = `${hexOf(manifest.config.digest)}.json`;
  const document = [{ Config: config, RepoTags: [tag], Layers: names }];
  // A layer may stand in an image twice; in the archive it stands once.
  const sent = new Map(
    manifest.layers.slice(skip).map((layer) => [`${hexOf(layer.digest)}.tar`, layer]),
  );
  return [
    tarFile("manifest.json", JSON.stringify(document)),
    blobFile(config, manifest.config, source),
    ...[...sent].map(([name, layer]) => blobFile(name, layer, source)),
  ];
}

/** An OCI layout of that root under that name, with all blobs of its platforms. */
export function layoutArchive(
  root: Descriptor,
  platforms: readonly PlatformImage[],
  options: { readonly source: ContentSource; readonly name: string; readonly tag: string },
): readonly TarFile[] {
  const { source, name, tag } = options;
  const names = { [annotations.imageName]: name, [annotations.refName]: tag };
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: [{ ...root, annotations: { ...root.annotations, ...names } }],
  };
  const blobs = new Map<Digest, Descriptor>([[root.digest, root]]);
  for (const { descriptor, manifest } of platforms) {
    for (const blob of [descriptor, manifest.config, ...manifest.layers])
      blobs.set(blob.digest, blob);
  }
  return [
    tarFile("oci-layout", JSON.stringify({ imageLayoutVersion: layoutVersion })),
    tarFile("index.json", JSON.stringify(index)),
    ...[...blobs.values()].map((blob) =>
      blobFile(`blobs/sha256/${hexOf(blob.digest)}`, blob, source),
    ),
  ];
}

/**
 * The index of these platforms alone: without attestations, whose dates change with every build, so that the same
 * image has the same ID in the engine.
 */
export function plainIndex(platforms: readonly PlatformImage[]): Uint8Array {
  const manifests = platforms.map(({ descriptor: { mediaType, digest, size }, config }) => ({
    mediaType,
    digest,
    size,
    platform: {
      architecture: config.architecture,
      os: config.os,
      ...(config.variant === undefined ? {} : { variant: config.variant }),
    },
  }));
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }));
}

/** A blob as it comes from there. */
export function blobFile(name: string, descriptor: Descriptor, source: ContentSource): TarFile {
  return {
    name,
    size: descriptor.size,
    async *open() {
      for await (const chunk of await source.open(descriptor)) {
        if (chunk instanceof Uint8Array) yield chunk;
      }
    },
  };
}
