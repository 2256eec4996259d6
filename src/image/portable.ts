/**
 * An image as one file that goes anywhere: an OCI layout (OCI image-spec, image-layout.md) with Docker's own `manifest.json` beside it
 * (moby/moby, `image/tarexport`), so that `docker load` takes it on both image stores. Blobs and manifests are the image's very bytes, in
 * an order that hangs on nothing but their digests.
 */
import { type TarFile, tarFile } from "../filesystem/tarball.ts";
import { hexOf } from "../oci/digest.ts";
import { type Descriptor, mediaTypes } from "../oci/document.ts";
import type { Parts } from "../oci/parts.ts";
import { canonicalName, familiarName, type Reference } from "../oci/reference.ts";
import type { ContentSource } from "../oci/source.ts";
import { layoutVersion } from "../store/layout.ts";
import { annotations } from "../store/names.ts";
import type { PlatformImage } from "./image.ts";
import { blobFile } from "./loadable.ts";

export interface PortableOptions {
  readonly source: ContentSource;
  /** With a tag. */
  readonly reference: Reference;
  /** The one that `manifest.json` names: it knows one platform a tag. */
  readonly docker: PlatformImage;
}

/** The documents first, then all parts by their digests, each once. */
export function portableArchive(
  parts: Parts,
  { source, reference, docker }: PortableOptions,
): readonly TarFile[] {
  const blobs = new Map<string, TarFile>();
  for (const blob of parts.blobs) blobs.set(blobPath(blob), blobFile(blobPath(blob), blob, source));
  for (const { descriptor, bytes } of [...parts.manifests, parts.root])
    blobs.set(blobPath(descriptor), tarFile(blobPath(descriptor), bytes));
  const sorted = [...blobs.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return [
    document("oci-layout", { imageLayoutVersion: layoutVersion }),
    document("index.json", layoutIndex(parts.root.descriptor, reference)),
    document("manifest.json", [dockerItem(docker, reference)]),
    ...sorted,
  ];
}

/** What was noted of the root beside digest and size may be another with each build, so it is left out. */
function layoutIndex({ mediaType, digest, size }: Descriptor, reference: Reference): object {
  const names = {
    [annotations.imageName]: canonicalName(reference),
    [annotations.refName]: reference.tag ?? "latest",
  };
  const manifests = [{ mediaType, digest, size, annotations: names }];
  return { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
}

function dockerItem({ manifest }: PlatformImage, reference: Reference): object {
  return {
    Config: blobPath(manifest.config),
    RepoTags: [familiarName(reference)],
    Layers: manifest.layers.map(blobPath),
  };
}

function blobPath({ digest }: Descriptor): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

function document(name: string, content: object): TarFile {
  return tarFile(name, JSON.stringify(content));
}

/** The one of several that engines of one platform are given: linux/amd64 where it is there, else the first. */
export function mostUsual(platforms: readonly PlatformImage[]): PlatformImage | undefined {
  const usual = platforms.find(
    ({ platform }) => platform?.os === "linux" && platform.architecture === "amd64",
  );
  return usual ?? platforms[0];
}
