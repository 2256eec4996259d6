/** Which image of a layout an engine's image is: the one with that very digest, whatever its name. */
import { isFailure } from "../errors.ts";
import type { Digest } from "../oci/digest.ts";
import {
  type Descriptor,
  isIndex,
  mediaTypes,
  parseIndex,
  parseManifest,
} from "../oci/document.ts";
import type { Layout } from "../store/layout.ts";

/**
 * Looks for an image by the engine's ID: on the classic image store the digest of a config, on containerd's that of a
 * manifest or an index. The image of that name is looked at first. `undefined` where the layout has none, or it is damaged.
 */
export async function findStored(
  layout: Layout,
  id: Digest,
  name: string,
): Promise<Descriptor | undefined> {
  const size = await layout.sizeOf(id);
  if (size === undefined) return undefined;
  const entries = await layout.names();
  const first = entries.filter((entry) => entry.name === name);
  const others = entries.filter((entry) => entry.name !== name);
  for (const { descriptor } of [...first.toReversed(), ...others]) {
    const found = await findBelow(layout, descriptor, id);
    if (found !== undefined) return found;
  }
  return await unnamedRoot(layout, id, size);
}

/** A manifest or index that no name leads to: the index without attestations that containerd's image store was given. */
async function unnamedRoot(
  layout: Layout,
  digest: Digest,
  size: number,
): Promise<Descriptor | undefined> {
  const bytes = await layout.read({ digest, size }).catch(() => undefined);
  if (bytes === undefined) return undefined;
  for (const [mediaType, parse] of readers) {
    try {
      parse(bytes);
      return { mediaType, digest, size };
    } catch {
      // Then it is of the other kind, or a config.
    }
  }
  return undefined;
}

const readers = [
  [mediaTypes.index, parseIndex],
  [mediaTypes.manifest, parseManifest],
] as const;

/** The root itself, or the manifest below it that the ID is of. */
async function findBelow(
  layout: Layout,
  descriptor: Descriptor,
  id: Digest,
): Promise<Descriptor | undefined> {
  if (descriptor.digest === id) return descriptor;
  try {
    const bytes = await layout.read(descriptor);
    if (!isIndex(descriptor))
      return parseManifest(bytes).config.digest === id ? descriptor : undefined;
    for (const child of parseIndex(bytes).manifests) {
      const found = await findBelow(layout, child, id);
      if (found !== undefined) return found;
    }
  } catch (error) {
    // Another image of the layout may be whole; this one is not what was asked for.
    if (!isFailure(error) && !(error instanceof SyntaxError)) throw error;
  }
  return undefined;
}
