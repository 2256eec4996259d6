/**
 * The JSON documents of an OCI image, read from bytes that anyone may have written.
 * Sources: OCI image-spec `descriptor.md`, `image-index.md`, `manifest.md`, `config.md`; Docker's own media types
 * (distribution, "Image Manifest Version 2, Schema 2") are read alike.
 */
import * as z from "zod";
import { type Digest, isDigest } from "./digest.ts";

export const mediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  layerGzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  layerZstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerConfig: "application/vnd.docker.container.image.v1+json",
  dockerLayer: "application/vnd.docker.image.rootfs.diff.tar",
} as const;

/** The annotations that mark an entry of an index as an attestation, and say of which other entry (BuildKit, attestation-storage.md). */
const attestationAnnotation = "vnd.docker.reference.type";
const attestedAnnotation = "vnd.docker.reference.digest";

const digest = z.string().refine(isDigest, { error: "not a sha256 digest" });

const platformWords = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
});

const descriptor = z.object({
  mediaType: z.string(),
  digest,
  /** Bytes. */
  size: z.int().nonnegative(),
  annotations: z.record(z.string(), z.string()).optional(),
  platform: platformWords.optional(),
});

const index = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  manifests: z.array(descriptor),
});

const manifest = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  config: descriptor,
  layers: z.array(descriptor),
});

const strings = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);

const config = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
  created: z.string().optional(),
  config: z
    .object({
      User: z.string().optional(),
      Env: strings,
      Entrypoint: strings,
      Cmd: strings,
      WorkingDir: z.string().optional(),
      ExposedPorts: z.record(z.string(), z.unknown()).nullish(),
      Healthcheck: z.object({ Test: strings }).nullish(),
    })
    .prefault({}),
  rootfs: z.object({ type: z.string(), diff_ids: z.array(digest) }),
  history: z
    .array(z.object({ created_by: z.string().optional(), empty_layer: z.boolean().optional() }))
    .nullish()
    .transform((list) => list ?? []),
});

export type Descriptor = z.infer<typeof descriptor>;
export type ImageIndex = z.infer<typeof index>;
export type ImageManifest = z.infer<typeof manifest>;
export type ImageConfig = z.infer<typeof config>;

/** Reads an image index (or Docker manifest list). @throws SyntaxError that says where the document is wrong. */
export const parseIndex = (bytes: Uint8Array): ImageIndex => parse("image index", index, bytes);

/** Reads an image manifest. @throws SyntaxError that says where the document is wrong. */
export const parseManifest = (bytes: Uint8Array): ImageManifest =>
  parse("image manifest", manifest, bytes);

/** Reads an image config. @throws SyntaxError that says where the document is wrong. */
export const parseConfig = (bytes: Uint8Array): ImageConfig => parse("image config", config, bytes);

/** Reads one descriptor; `undefined` where the value is none, or of another digest than sha256. */
export function readDescriptor(value: unknown): Descriptor | undefined {
  const read = descriptor.safeParse(value);
  return read.success ? read.data : undefined;
}

/** Whether the descriptor's media type is that of an index, OCI's or Docker's. */
export function isIndex({ mediaType }: Pick<Descriptor, "mediaType">): boolean {
  return [mediaTypes.index, mediaTypes.dockerIndex].some((type) => type === mediaType);
}

export function isAttestation({ annotations }: Descriptor): boolean {
  return annotations?.[attestationAnnotation] !== undefined;
}

/** Of which manifest an attestation is, as its entry says. */
export function attestedDigest({ annotations }: Descriptor): Digest | undefined {
  const attested = annotations?.[attestedAnnotation] ?? "";
  return isDigest(attested) ? attested : undefined;
}

/** The descriptor of those bytes. */
export function descriptorOf(
  mediaType: string,
  bytes: Uint8Array,
  digestOfBytes: Digest,
): Descriptor {
  return { mediaType, digest: digestOfBytes, size: bytes.byteLength };
}

function parse<T>(name: string, schema: z.ZodType<T>, bytes: Uint8Array): T {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new SyntaxError(`The ${name} is not JSON: ${String(error)}`, { cause: error });
  }
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  throw new SyntaxError(`The ${name} is malformed: ${z.prettifyError(result.error)}`);
}
