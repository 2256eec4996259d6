/** Sending one blob (distribution-spec, "Pushing Blobs": mount, monolithic upload, chunked upload). */
import type { Readable } from "node:stream";
import { fail } from "../errors.ts";
import type { Digest } from "../oci/digest.ts";
import { uploadLocation, withQuery } from "./endpoint.ts";
import type { Body } from "./exchange.ts";
import type { Answer } from "./failure.ts";
import type { Scope } from "./token.ts";
import type { RegistryRequest, Transport } from "./transport.ts";

export interface BlobContent {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  open(): Promise<Readable>;
}

/** How the blob came there: `present` when another push was faster, `mounted` from another repository. */
export type Uploaded = "sent" | "mounted" | "present";

export interface UploadOptions {
  readonly repository: string;
  readonly blob: BlobContent;
  readonly scope: Scope;
  /** A repository of the same registry that may hold the blob. */
  readonly mountFrom?: string | undefined;
  isThere(): Promise<boolean>;
}

/** What is sent at once where the whole is refused as too large: under the 100 MB that proxies commonly allow, and held in memory. */
const chunkSize = 16 * 1024 * 1024;
const tooLarge = 413;

/** Sends the blob, from its beginning again when the connection breaks. */
export async function uploadBlob(transport: Transport, options: UploadOptions): Promise<Uploaded> {
  return await transport.retrying(async (attempt) => {
    // The answer to a finished upload may be what was lost.
    if (attempt > 1 && (await options.isThere())) return "present";
    const started = await startUpload(transport, options);
    if (started.status === 201) return "mounted";
    const answer = await sendWhole(
      transport,
      options,
      await sessionOf(started, transport, options),
    );
    if (answer.status === tooLarge) await sendInChunks(transport, options);
    return "sent";
  });
}

async function startUpload(
  transport: Transport,
  { repository, blob, scope, mountFrom }: UploadOptions,
): Promise<Answer> {
  const url = new URL(`${repository}/blobs/uploads/`, await transport.base());
  if (mountFrom !== undefined) {
    url.searchParams.set("mount", blob.digest);
    url.searchParams.set("from", mountFrom);
  }
  return await transport.once({
    method: "POST",
    url,
    body: emptyBody,
    repository,
    what: `a push to ${repository}`,
    scope: mountFrom === undefined ? scope : [...scope, `repository:${mountFrom}:pull`],
    expect: mountFrom === undefined ? [202] : [201, 202],
  });
}

async function sendWhole(
  transport: Transport,
  options: UploadOptions,
  session: URL,
): Promise<Answer> {
  const { blob } = options;
  return await transport.once({
    ...uploadRequest(options),
    method: "PUT",
    url: withQuery(session, "digest", blob.digest),
    body: { size: blob.size, open: () => contentOf(blob) },
    expect: [201, tooLarge],
  });
}

/** Chunks go one after the other, each to the address that the answer to the one before names. */
async function sendInChunks(transport: Transport, options: UploadOptions): Promise<void> {
  const started = await startUpload(transport, { ...options, mountFrom: undefined });
  const least = Number(started.headers.get("oci-chunk-min-length") ?? 0);
  let session = await sessionOf(started, transport, options);
  let offset = 0;
  for await (const chunk of inChunks(contentOf(options.blob), Math.max(chunkSize, least))) {
    const last = offset + chunk.byteLength - 1;
    const request = uploadRequest(options);
    const answer = await transport.once({
      ...request,
      method: "PATCH",
      url: session,
      headers: { ...request.headers, "content-range": `${offset}-${last}` },
      body: { size: chunk.byteLength, open: () => chunk },
      expect: [202],
    });
    session = await sessionOf(answer, transport, options, session);
    offset = last + 1;
  }
  await transport.once({
    ...uploadRequest(options),
    method: "PUT",
    url: withQuery(session, "digest", options.blob.digest),
    body: emptyBody,
    expect: [201],
  });
}

const emptyBody: Body = { size: 0, open: () => new Uint8Array() };

function uploadRequest({
  repository,
  blob,
  scope,
}: UploadOptions): Pick<RegistryRequest, "repository" | "scope" | "what" | "headers"> {
  return {
    repository,
    scope,
    what: `the blob ${blob.digest} of ${repository}`,
    headers: { "content-type": "application/octet-stream" },
  };
}

/** Where the upload goes on. */
async function sessionOf(
  answer: Answer,
  transport: Transport,
  { repository }: UploadOptions,
  requested?: URL,
): Promise<URL> {
  const location = answer.headers.get("location");
  const problem = (reason: string) =>
    fail("REGISTRY_REJECTED", {
      registry: transport.registry,
      request: `a push to ${repository}`,
      status: answer.status,
      code: "",
      reason,
    });
  if (location === null) throw problem("it names no address for the upload");
  try {
    return uploadLocation(location, requested ?? (await transport.base()));
  } catch (error) {
    throw problem(error instanceof TypeError ? error.message : "its address cannot be read");
  }
}

/** The blob's bytes; the source is closed whatever happens. */
async function* contentOf(blob: BlobContent): AsyncGenerator<Uint8Array> {
  const source = await blob.open();
  try {
    for await (const chunk of source as AsyncIterable<Uint8Array>) yield chunk;
  } finally {
    source.destroy();
  }
}

/** The same bytes in pieces of exactly that size, but for the last. */
async function* inChunks(
  content: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array> {
  let kept: Uint8Array[] = [];
  let length = 0;
  for await (let chunk of content) {
    while (length + chunk.byteLength >= size) {
      const rest = size - length;
      yield Buffer.concat([...kept, chunk.subarray(0, rest)], size);
      chunk = chunk.subarray(rest);
      [kept, length] = [[], 0];
    }
    kept.push(chunk);
    length += chunk.byteLength;
  }
  if (length > 0) yield Buffer.concat(kept, length);
}
