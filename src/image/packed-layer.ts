/**
 * Which blob of the store a plain layer became. It is remembered by DiffID, machine-wide, so that a layer which many images share is
 * packed once; a blob that a prune took away is made again.
 */
import { type Packing, pack } from "../filesystem/pack.ts";
import { isDigest } from "../oci/digest.ts";
import { type Descriptor, mediaTypes } from "../oci/document.ts";
import { keep, recall, type Remembering } from "../store/answers.ts";
import type { Store } from "../store/store.ts";

export interface PackOptions {
  /** Where the packed blob is, or will be. */
  readonly store: Store;
  readonly packing: Packing;
  readonly env: Remembering["env"];
}

/** The packed form's media type, behind the plain one's (OCI image-spec, media-types.md; moby/moby, `distribution`). */
const packedTypes: Readonly<Record<string, Readonly<Record<Packing, string>>>> = {
  [mediaTypes.layer]: { gzip: mediaTypes.layerGzip, zstd: mediaTypes.layerZstd },
  [mediaTypes.dockerLayer]: {
    gzip: `${mediaTypes.dockerLayer}.gzip`,
    zstd: `${mediaTypes.dockerLayer}.zstd`,
  },
};

/** Whether a layer is one to be packed. What its media type calls packed is sent as it is. */
export function isPlain({ mediaType }: Pick<Descriptor, "mediaType">): boolean {
  return packedTypes[mediaType] !== undefined;
}

/** The blob that a plain layer became before, where the store has it still. */
export async function packedBefore(
  layer: Descriptor,
  options: PackOptions,
): Promise<Descriptor | undefined> {
  const { store, env } = options;
  const kept = await recall({ key: keyOf(layer, options), forMs: Number.POSITIVE_INFINITY, env });
  const [digest = "", bytes] = kept ?? [];
  const size = Number(bytes);
  if (!isDigest(digest) || !(await store.has(digest, size))) return undefined;
  return { mediaType: packedType(layer, options), digest, size };
}

/**
 * Packs a plain layer into the store. `bytes` fail at their end where they are not what the layer's digest says: then nothing is
 * written and nothing remembered. @throws what their reading throws, DISK_FULL, STORE_NOT_WRITABLE, the signal's reason
 */
export async function packLayer(
  layer: Descriptor,
  bytes: AsyncIterable<Uint8Array>,
  { signal, ...options }: PackOptions & { readonly signal: AbortSignal },
): Promise<Descriptor> {
  const { store, packing, env } = options;
  const { digest, size } = await store.receiveBlob(pack(bytes, { packing, signal }));
  await keep(keyOf(layer, options), [digest, String(size)], env);
  return { mediaType: packedType(layer, options), digest, size };
}

/** A plain layer's digest is its DiffID. */
function keyOf({ digest }: Descriptor, { packing }: PackOptions): string {
  return `packed ${packing} ${digest}`;
}

function packedType({ mediaType }: Descriptor, { packing }: PackOptions): string {
  const type = packedTypes[mediaType]?.[packing];
  if (type === undefined) throw new TypeError(`not the media type of a plain layer: ${mediaType}`);
  return type;
}
