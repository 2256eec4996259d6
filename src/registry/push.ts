/** An image from the store to a registry: the store's very bytes, only what the registry lacks, the name last. */
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import { type Digest, shortDigest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import { gatherParts, type Manifest } from "../oci/parts.ts";
import { familiarName, type Reference } from "../oci/reference.ts";
import { formatSize } from "../oci/size.ts";
import type { ContentSource } from "../oci/source.ts";
import { inParallel } from "../process/parallel.ts";
import type { Report } from "../process/report.ts";
import { createRegistryClient, type RegistryClient, type RegistryOptions } from "./client.ts";

export interface PushOptions extends Pick<RegistryOptions, "plainHttp" | "patience"> {
  readonly store: ContentSource;
  /** The manifest or index. */
  readonly root: Descriptor;
  /** Its name there; the tag is `latest` where it has neither tag nor digest. */
  readonly reference: Reference;
  /** A repository of the same registry whose blobs may be mounted instead of sent. */
  readonly mountFrom?: string;
}

export interface PushResult {
  /** `registry.example.org/app:1`. */
  readonly reference: string;
  /** What the registry holds under that name now; the store's own digest. */
  readonly digest: Digest;
  readonly blobsSent: number;
  readonly blobsPresent: number;
  /** Compressed, as sent; without manifests. */
  readonly bytesSent: number;
  readonly bytesPresent: number;
}

/** Looks are cheap and wait on the network; uploads share one line and hold memory. */
const looksAtOnce = 8;
const uploadsAtOnce = 4;

/**
 * Pushes an image with all its platforms and attestations.
 * @throws the registry's errors ({@link RegistryClient}), REGISTRY_DIFFERS, REFERENCE_INVALID (a digest that is not the image's),
 * and the store's errors
 */
export async function pushImage(options: PushOptions, context: Context): Promise<PushResult> {
  const { store, root, reference } = options;
  const name = familiarName(reference);
  if (reference.digest !== undefined && reference.digest !== root.digest) {
    const problem = `the image is ${root.digest}`;
    throw fail("REFERENCE_INVALID", { reference: name, problem });
  }
  const parts = await gatherParts(store, root);
  const ended = new AbortController();
  const client = createRegistryClient(reference.registry, context, {
    ...options,
    access: "push",
    signal: AbortSignal.any([context.signal, ended.signal]),
  });
  const sent = await sendBlobs(client, parts.blobs, options, {
    report: context.report,
    // What failed in one lane is not worth finishing in another.
    stop: (error) => ended.abort(error),
  });
  await sendManifests(client, parts.manifests, reference.repository);
  await nameRoot(client, parts.root, reference);
  context.report({ kind: "note", text: `Pushed ${name} as ${root.digest}` });
  return { reference: name, digest: root.digest, ...sent };
}

async function sendBlobs(
  client: RegistryClient,
  blobs: readonly Descriptor[],
  { store, reference, mountFrom }: PushOptions,
  { report, stop }: { readonly report: Report; readonly stop: (error: unknown) => void },
): Promise<Pick<PushResult, "blobsSent" | "blobsPresent" | "bytesSent" | "bytesPresent">> {
  const { repository } = reference;
  const looks = await inParallel(blobs, looksAtOnce, async (blob) => ({
    blob,
    isThere: await client.hasBlob(repository, blob.digest),
  }));
  const missing = looks.filter(({ isThere }) => !isThere).map(({ blob }) => blob);
  report({
    kind: "note",
    text: `Pushing ${familiarName(reference)}: ${missing.length} of ${blobs.length} blobs to send, ${formatSize(sizeOf(missing))} of ${formatSize(sizeOf(blobs))}`,
  });
  // The largest first: the last lane to end then ends soonest.
  const largestFirst = missing.toSorted((one, other) => other.size - one.size);
  const outcomes = await inParallel(largestFirst, uploadsAtOnce, async (blob) => {
    const started = performance.now();
    const content = {
      digest: blob.digest,
      size: blob.size,
      open: async () => await store.open(blob),
    };
    const how = await client
      .uploadBlob(repository, content, { mountFrom })
      .catch((error: unknown) => {
        stop(error);
        throw error;
      });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const text = `${shortDigest(blob.digest)} ${how}: ${formatSize(blob.size)} in ${seconds} s`;
    report({ kind: "detail", text });
    return { blob, how };
  });
  const sent = outcomes.filter(({ how }) => how === "sent").map(({ blob }) => blob);
  return {
    blobsSent: sent.length,
    blobsPresent: blobs.length - sent.length,
    bytesSent: sizeOf(sent),
    bytesPresent: sizeOf(blobs) - sizeOf(sent),
  };
}

/** One after the other, since a later one may name an earlier one. */
async function sendManifests(
  client: RegistryClient,
  manifests: readonly Manifest[],
  repository: string,
): Promise<void> {
  for (const { descriptor, bytes } of manifests) {
    const { digest, mediaType } = descriptor;
    if ((await client.manifestDigest(repository, digest)) === digest) continue;
    await client.putManifest(repository, digest, { mediaType, bytes });
  }
}

/** Gives the root its name, then reads what that name holds: the bytes are the proof, not the answer to the push. */
async function nameRoot(
  client: RegistryClient,
  { descriptor, bytes }: Manifest,
  reference: Reference,
): Promise<void> {
  const { repository, digest } = reference;
  const { mediaType, digest: expected } = descriptor;
  const tag = reference.tag ?? digest ?? "latest";
  if ((await client.manifestDigest(repository, tag)) !== expected) {
    await client.putManifest(repository, tag, { mediaType, bytes });
  }
  const held = await client.manifest(repository, tag);
  if (held?.digest === expected) return;
  throw fail("REGISTRY_DIFFERS", {
    reference: familiarName(reference),
    expected,
    actual: held?.digest ?? "nothing",
  });
}

function sizeOf(blobs: readonly Descriptor[]): number {
  return blobs.reduce((sum, { size }) => sum + size, 0);
}
