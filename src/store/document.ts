/**
 * What a blob leads to. A store may hold what other tools wrote (signatures, charts, build cache), so every descriptor in a
 * document counts, whatever the document is of: what is led to stays. Sources: OCI image-spec, image-index.md and
 * manifest.md; image-spec 1.1.0-rc2 for `blobs`.
 */
import * as z from "zod";
import { type Descriptor, isIndex, mediaTypes, readDescriptor } from "../oci/document.ts";

/** An index or a manifest of any kind. */
export interface StoredDocument {
  readonly kind: "index" | "manifest";
  /** What it is made of. */
  readonly parts: readonly Descriptor[];
  /** What it is about: it stays with the document, which is whole without it. */
  readonly subject?: Descriptor;
}

const document = z.record(z.string(), z.unknown());

/** Reads a document; `undefined` where the bytes are something else. */
export function readDocument(bytes: Uint8Array): StoredDocument | undefined {
  const read = document.safeParse(jsonIn(bytes));
  if (!read.success) return undefined;
  const { manifests, config, layers, blobs, subject: written } = read.data;
  const subject = readDescriptor(written);
  const about = subject === undefined ? {} : { subject };
  if (Array.isArray(manifests)) return { kind: "index", parts: descriptorsIn(manifests), ...about };
  // A config has a key `config` too, which is no descriptor.
  const parts = descriptorsIn([config, ...listOf(layers), ...listOf(blobs)]);
  return parts.length === 0 ? undefined : { kind: "manifest", parts, ...about };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Whether the descriptor says that its blob leads to others. */
export function isDocument(descriptor: Pick<Descriptor, "mediaType">): boolean {
  const manifests = [mediaTypes.manifest, mediaTypes.dockerManifest];
  return isIndex(descriptor) || manifests.some((type) => type === descriptor.mediaType);
}

function descriptorsIn(values: readonly unknown[]): readonly Descriptor[] {
  return values.map(readDescriptor).filter((one) => one !== undefined);
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
