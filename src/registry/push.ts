/** An image from the store to a registry: the store's very bytes, only what the registry lacks, the name last. */
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import { type Digest, shortDigest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import { gatherParts, type Manifest } from "../oci/parts.ts";
import { familiarName, type Reference } from "../oci/reference.ts";
import { formatSize, sizeOf } from "../oci/size.ts";
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
  /** Who wants to know how the blobs get on. */
  readonly listener?: PushListener;
}

/** Told of the blobs, configs and layers of all platforms. */
export interface PushListener {
  /** Before anything is sent. */
  planned(plan: PushPlan): void;
  /** So many bytes more of a blob were sent, and up to that place of it; after a break it may be an earlier one. */
  sent(digest: Digest, bytes: number, upTo: number): void;
  /** The registry has it now. */
  done(digest: Digest): void;
}

/** Each blob once. */
export interface PushPlan {
  readonly missing: readonly Descriptor[];
  readonly present: readonly Descriptor[];
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
  const { reference, root } = options;
  const name = checkedName(options);
  const parts = await gatherParts(options.store, root);
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  const client = clientFor(options, { ...context, signal });
  const plan = await lookAround(client, parts.blobs, reference);
  const text = `Pushing ${name}: ${plan.missing.length} of ${parts.blobs.length} blobs to send, ${formatSize(sizeOf(plan.missing))} of ${formatSize(sizeOf(parts.blobs))}`;
  context.report({ kind: "note", text });
  options.listener?.planned(plan);
  const sent = await sendBlobs(client, plan.missing, options, {
    report: context.report,
    // What failed in one lane is not worth finishing in another.
    stop: (error) => ended.abort(error),
  });
  await sendManifests(client, parts.manifests, reference.repository);
  await nameRoot(client, parts.root, reference);
  context.report({ kind: "note", text: `Pushed ${name} as ${root.digest}` });
  return {
    reference: name,
    digest: root.digest,
    blobsSent: sent.length,
    blobsPresent: parts.blobs.length - sent.length,
    bytesSent: sizeOf(sent),
    bytesPresent: sizeOf(parts.blobs) - sizeOf(sent),
  };
}

/** What {@link pushImage} would send. @throws as it does */
export async function planPush(options: PushOptions, context: Context): Promise<PushPlan> {
  checkedName(options);
  const { blobs } = await gatherParts(options.store, options.root);
  return await lookAround(clientFor(options, context), blobs, options.reference);
}

/** @throws REFERENCE_INVALID */
function checkedName({ reference, root }: PushOptions): string {
  const name = familiarName(reference);
  if (reference.digest === undefined || reference.digest === root.digest) return name;
  throw fail("REFERENCE_INVALID", { reference: name, problem: `the image is ${root.digest}` });
}

function clientFor(options: PushOptions, context: Context): RegistryClient {
  const { plainHttp, patience, reference } = options;
  return createRegistryClient(reference.registry, context, {
    access: "push",
    ...(plainHttp === undefined ? {} : { plainHttp }),
    ...(patience === undefined ? {} : { patience }),
  });
}

async function lookAround(
  client: RegistryClient,
  blobs: readonly Descriptor[],
  { repository }: Reference,
): Promise<PushPlan> {
  const looks = await inParallel(blobs, looksAtOnce, async (blob) => ({
    blob,
    isThere: await client.hasBlob(repository, blob.digest),
  }));
  const those = (wanted: boolean) =>
    looks.filter(({ isThere }) => isThere === wanted).map(({ blob }) => blob);
  return { missing: those(false), present: those(true) };
}

/** @returns those that were sent, and did not come there otherwise */
async function sendBlobs(
  client: RegistryClient,
  missing: readonly Descriptor[],
  { store, reference, mountFrom, listener }: PushOptions,
  { report, stop }: { readonly report: Report; readonly stop: (error: unknown) => void },
): Promise<readonly Descriptor[]> {
  // The largest first: the last lane to end then ends soonest.
  const largestFirst = missing.toSorted((one, other) => other.size - one.size);
  const outcomes = await inParallel(largestFirst, uploadsAtOnce, async (blob) => {
    const started = performance.now();
    const { digest, size } = blob;
    const content = { digest, size, open: async () => await store.open(blob) };
    const onSent = (bytes: number, upTo: number) => listener?.sent(digest, bytes, upTo);
    const how = await client
      .uploadBlob(reference.repository, content, { mountFrom, onSent })
      .catch((error: unknown) => {
        stop(error);
        throw error;
      });
    listener?.done(digest);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const text = `${shortDigest(digest)} ${how}: ${formatSize(size)} in ${seconds} s`;
    report({ kind: "detail", text });
    return { blob, how };
  });
  return outcomes.filter(({ how }) => how === "sent").map(({ blob }) => blob);
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
