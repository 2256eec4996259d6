/** Stores for the tests: real directories with images as BuildKit writes them, and what others leave. */
import { mkdir, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Digest, digestOf, hexOf } from "../../src/oci/digest.ts";
import { type Descriptor, descriptorOf, mediaTypes } from "../../src/oci/document.ts";

export interface TestBlob {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** A blob of that text. */
export function blobOf(mediaType: string, content: string | object): TestBlob {
  const bytes = Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  return { descriptor: descriptorOf(mediaType, bytes, digestOf(bytes)), bytes };
}

/** What a build wrote: its root, and all blobs, the root the last. */
export interface TestBuild {
  readonly root: Descriptor;
  readonly blobs: readonly TestBlob[];
}

/** The image of one platform: manifest, config and layers of those texts. */
export function manifestOf(layers: readonly string[], architecture = "amd64"): TestBuild {
  const content = layers.map((text) => blobOf(mediaTypes.layerGzip, text));
  const diffIds = layers.map((text) => digestOf(text));
  const config = blobOf(mediaTypes.config, {
    os: "linux",
    architecture,
    rootfs: { type: "layers", diff_ids: diffIds },
  });
  const manifest = blobOf(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: config.descriptor,
    layers: content.map(({ descriptor }) => descriptor),
  });
  return { root: manifest.descriptor, blobs: [...content, config, manifest] };
}

/** BuildKit's attestation of a manifest: a manifest whose one layer is a statement. */
export function attestationOf(of: Digest, statement: string): TestBuild {
  const layer = blobOf("application/vnd.in-toto+json", { statement });
  const config = blobOf(mediaTypes.config, {
    os: "unknown",
    architecture: "unknown",
    rootfs: { type: "layers", diff_ids: [layer.descriptor.digest] },
  });
  const manifest = blobOf(mediaTypes.manifest, {
    schemaVersion: 2,
    config: config.descriptor,
    layers: [layer.descriptor],
  });
  const annotations = {
    "vnd.docker.reference.type": "attestation-manifest",
    "vnd.docker.reference.digest": of,
  };
  const platform = { os: "unknown", architecture: "unknown" };
  return {
    root: { ...manifest.descriptor, annotations, platform },
    blobs: [layer, config, manifest],
  };
}

/** An index of those, each listed under the architecture that is given for it. */
export function indexOf(
  children: readonly TestBuild[],
  architectures: readonly (string | undefined)[] = [],
): TestBuild {
  const manifests = children.map(({ root }, n) => {
    const architecture = architectures[n];
    const platform = architecture === undefined ? {} : { platform: { os: "linux", architecture } };
    return { ...root, ...platform };
  });
  const index = blobOf(mediaTypes.index, { schemaVersion: 2, manifests });
  return { root: index.descriptor, blobs: [...children.flatMap(({ blobs }) => blobs), index] };
}

/** An entry of `index.json`, as BuildKit writes it. */
export function entryOf({ root }: TestBuild, name?: string, tag = "1"): Descriptor {
  const annotations = {
    ...(name === undefined ? {} : { "io.containerd.image.name": name }),
    "org.opencontainers.image.ref.name": tag,
  };
  return { ...root, annotations };
}

export const day = 24 * 60 * 60_000;

/** Writes a store of those entries and blobs, each blob of that age in milliseconds. */
export async function writeStore(
  directory: string,
  entries: readonly Descriptor[],
  builds: readonly TestBuild[],
  ageMs = day,
): Promise<void> {
  await mkdir(path.join(directory, "blobs", "sha256"), { recursive: true });
  await writeFile(path.join(directory, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  const index = { schemaVersion: 2, manifests: entries };
  await writeFile(path.join(directory, "index.json"), JSON.stringify(index));
  const blobs = builds.flatMap((build) => build.blobs);
  // One moment for all: which of two is newer must not hang on how long the writing takes.
  const now = Date.now();
  await Promise.all(
    blobs.map(async ({ descriptor, bytes }) => {
      await writeAged(blobPath(directory, descriptor.digest), bytes, ageMs, now);
    }),
  );
}

export function blobPath(directory: string, digest: Digest): string {
  return path.join(directory, "blobs", "sha256", hexOf(digest));
}

/** Writes a file, its directory too where that is missing, that was last written so long ago. */
export async function writeAged(
  file: string,
  content: string | Uint8Array,
  ageMs: number,
  now = Date.now(),
): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  const time = new Date(now - ageMs);
  await utimes(file, time, time);
}
