/** An image's documents brought into the store: as they are, or new ones where what they name is another, or is not there. */
import { Readable } from "node:stream";
import { isFailure } from "../errors.ts";
import { withParts } from "../oci/altered.ts";
import type { Digest } from "../oci/digest.ts";
import {
  attestedDigest,
  type Descriptor,
  isAttestation,
  isIndex,
  parseIndex,
  parseManifest,
} from "../oci/document.ts";
import type { Store } from "../store/store.ts";
import type { OpenImage } from "./opened.ts";

export interface StowedDocuments {
  /** `undefined` where the image has no platform. */
  readonly root: Descriptor | undefined;
  readonly left: LeftBehind;
}

/** What the image's index lists, and the store did not get. */
export interface LeftBehind {
  /** Manifests that are not among the opened image's platforms, each once. */
  readonly platforms: readonly Descriptor[];
  /** Attestations of manifests that were made anew: what they say is of other bytes. */
  readonly outdated: readonly Descriptor[];
  /** Attestations that are not where the image is. */
  readonly missing: readonly Descriptor[];
}

/**
 * Writes documents and what else is small, what is named before what names it. An index of which everything came along unchanged
 * keeps its digest, and so does each manifest. Where platforms stay behind, an index of one entry gives way to the entry itself.
 * The layers of the platforms are in the store already, `packed` those that another blob stands for.
 * @throws SyntaxError where a document is malformed, the source's and the store's errors
 */
export async function stowDocuments(
  { image, source }: Pick<OpenImage, "image" | "source">,
  packed: ReadonlyMap<Digest, Descriptor>,
  store: Store,
): Promise<StowedDocuments> {
  const present = new Set(image.platforms.map(({ descriptor }) => descriptor.digest));
  const platforms = new Map<Digest, Descriptor>();
  const outdated: Descriptor[] = [];
  const missing: Descriptor[] = [];
  /** The manifests that are made anew or not there: what is attested of them stays behind. */
  const changed = new Set<Digest>();
  const root = await stow(image.root);
  return { root, left: { platforms: [...platforms.values()], outdated, missing } };

  /** @returns what is in the store in its place */
  async function stow(descriptor: Descriptor): Promise<Descriptor | undefined> {
    if (isIndex(descriptor)) return await stowIndex(descriptor);
    const { digest } = descriptor;
    const inStore = present.has(digest) ? await stowManifest(descriptor) : undefined;
    if (inStore === undefined) platforms.set(digest, descriptor);
    if (inStore?.digest !== digest) changed.add(digest);
    return inStore;
  }

  async function stowManifest(descriptor: Descriptor): Promise<Descriptor> {
    const bytes = await source.read(descriptor);
    const { config, layers } = parseManifest(bytes);
    await store.writeBlob(config, document(config));
    if (!layers.some(({ digest }) => packed.has(digest))) return await copy(descriptor, bytes);
    const inStore = layers.map((layer) => packed.get(layer.digest) ?? layer);
    return await store.write(descriptor.mediaType, withParts(bytes, "layers", inStore));
  }

  async function stowIndex(descriptor: Descriptor): Promise<Descriptor | undefined> {
    const bytes = await source.read(descriptor);
    const { manifests } = parseIndex(bytes);
    const inStore = new Map<Descriptor, Descriptor | undefined>();
    // Attestations last: what becomes of them depends on what they are of.
    for (const one of manifests) if (!isAttestation(one)) inStore.set(one, await stow(one));
    for (const one of manifests)
      if (isAttestation(one)) inStore.set(one, await stowAttestation(one));
    const parts = manifests.map((one) => inStore.get(one));
    if (manifests.every(({ digest }, n) => parts[n]?.digest === digest))
      return await copy(descriptor, bytes);
    const [first, another] = parts.filter((one) => one !== undefined);
    if (first === undefined) return undefined;
    const isAlone = another === undefined && platforms.size > 0 && descriptor === image.root;
    if (isAlone) return first;
    return await store.write(descriptor.mediaType, withParts(bytes, "manifests", parts));
  }

  async function stowAttestation(descriptor: Descriptor): Promise<Descriptor | undefined> {
    const attested = attestedDigest(descriptor);
    if (attested !== undefined && changed.has(attested)) {
      if (!platforms.has(attested)) outdated.push(descriptor);
      return undefined;
    }
    try {
      const bytes = await source.read(descriptor);
      const { config, layers } = parseManifest(bytes);
      await store.writeBlob(config, document(config));
      for (const statement of layers) await store.writeBlob(statement, blob(statement));
      return await copy(descriptor, bytes);
    } catch (error) {
      if (!isFailure(error, "STORE_BLOB_MISSING", "ARCHIVE_BLOB_MISSING")) throw error;
      missing.push(descriptor);
      return undefined;
    }
  }

  async function copy(descriptor: Descriptor, bytes: Uint8Array): Promise<Descriptor> {
    const { mediaType, digest, size } = descriptor;
    await store.writeBlob(descriptor, Readable.from([bytes]));
    return { mediaType, digest, size };
  }

  /** Read only when it is asked for, which it is not where the store has it. */
  async function* document(descriptor: Descriptor): AsyncGenerator<Uint8Array> {
    yield await source.read(descriptor);
  }

  async function* blob(descriptor: Descriptor): AsyncGenerator<Uint8Array> {
    for await (const chunk of await source.open(descriptor))
      if (chunk instanceof Uint8Array) yield chunk;
  }
}
