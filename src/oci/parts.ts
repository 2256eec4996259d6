/** All that an image is made of, from its root down: manifests with their bytes, and which blobs they name. */
import type { Digest } from "./digest.ts";
import { type Descriptor, isIndex, parseIndex, parseManifest } from "./document.ts";
import type { ContentSource } from "./source.ts";

export interface Manifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

export interface Parts {
  readonly root: Manifest;
  /** All below the root, deepest first. */
  readonly manifests: readonly Manifest[];
  /** Configs and layers, each once. */
  readonly blobs: readonly Descriptor[];
}

/** An index of indexes of indexes … is nobody's image. */
const deepest = 4;

/**
 * Reads the manifests, of all platforms and attestations, and from them which blobs there are; no blob is read.
 * @throws SyntaxError where a document is malformed, the source's errors
 */
export async function gatherParts(source: ContentSource, root: Descriptor): Promise<Parts> {
  const manifests = new Map<Digest, Manifest>();
  const blobs = new Map<Digest, Descriptor>();
  const visit = async (descriptor: Descriptor, depth: number): Promise<Manifest> => {
    const manifest = { descriptor, bytes: await source.read(descriptor) };
    if (isIndex(descriptor)) {
      if (depth === deepest) throw new SyntaxError(`indexes are nested deeper than ${deepest}`);
      for (const child of parseIndex(manifest.bytes).manifests) {
        if (!manifests.has(child.digest)) await visit(child, depth + 1);
      }
    } else {
      const { config, layers } = parseManifest(manifest.bytes);
      for (const blob of [config, ...layers]) blobs.set(blob.digest, blob);
    }
    // After those it names: a registry refuses an index whose manifests it does not hold.
    if (depth > 0) manifests.set(descriptor.digest, manifest);
    return manifest;
  };
  const top = await visit(root, 0);
  return { root: top, manifests: [...manifests.values()], blobs: [...blobs.values()] };
}
