/**
 * The requests of one blob upload (distribution-spec, "Pushing Blobs": mount, monolithic upload, "Pushing a blob in chunks"), each
 * of them one try.
 */
import { fail, isFailure, type TransshipError } from "../errors.ts";
import type { Digest } from "../oci/digest.ts";
import { uploadLocation, withQuery } from "./endpoint.ts";
import type { Body } from "./exchange.ts";
import type { Answer } from "./failure.ts";
import type { Pieces } from "./pieces.ts";
import type { Scope } from "./token.ts";
import type { RegistryRequest, Transport } from "./transport.ts";

export interface Upload {
  readonly transport: Transport;
  readonly repository: string;
  readonly scope: Scope;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly pieces: Pieces;
}

/** An upload that the registry has begun. */
export interface Session {
  readonly url: URL;
  /** How many bytes of the blob it has, from the first on. */
  readonly offset: number;
  /** The least that it wants in a chunk, but for the last one. */
  readonly leastChunk: number;
}

/** What was sent is refused, for good: the blob as a whole, or a chunk of it. */
export class Refusal extends Error {
  readonly lasting: TransshipError;
  readonly what: "whole" | "chunk";
  /** Bytes of what was refused. */
  readonly size: number;

  constructor(lasting: TransshipError, what: Refusal["what"], size: number) {
    super(lasting.message);
    this.lasting = lasting;
    this.what = what;
    this.size = size;
  }

  get isTooLarge(): boolean {
    return this.lasting.facts["status"] === 413;
  }
}

/** `mounted`: it was in that other repository of the same registry, and nothing is left to do. */
export async function startSession(
  { transport, repository, digest, scope }: Upload,
  mountFrom?: string,
): Promise<Session | "mounted"> {
  const url = new URL(`${repository}/blobs/uploads/`, await transport.base());
  if (mountFrom !== undefined) {
    url.searchParams.set("mount", digest);
    url.searchParams.set("from", mountFrom);
  }
  const answer = await transport.once({
    method: "POST",
    url,
    body: emptyBody,
    repository,
    what: `a push to ${repository}`,
    scope: mountFrom === undefined ? scope : [...scope, `repository:${mountFrom}:pull`],
    expect: mountFrom === undefined ? [202] : [201, 202],
  });
  if (answer.status === 201) return "mounted";
  const least = Number(answer.headers.get("oci-chunk-min-length") ?? 0);
  return {
    url: locationOf(answer, await transport.base(), { transport, repository }),
    offset: 0,
    leastChunk: Number.isFinite(least) ? least : 0,
  };
}

/**
 * Asks how far an upload has come that broke off; `undefined` where the registry no longer knows it. Docker's registry up to 2.8 knows
 * it between two chunks only: one that broke off within a chunk it throws away (distribution, `registry/handlers/blobupload.go`,
 * "upload resumed at wrong offset").
 */
export async function resumeSession(
  session: Session,
  upload: Upload,
): Promise<Session | undefined> {
  const { transport, size } = upload;
  try {
    const request = { ...requestOf(upload), method: "GET" as const, url: session.url };
    const answer = await transport.once({ ...request, expect: [204] });
    const [, last] = /^(?:bytes=)?0-(\d+)$/.exec(answer.headers.get("range") ?? "") ?? [];
    // Nothing and one byte are written alike: that byte is sent again.
    const offset = last === "0" ? 0 : Number(last ?? Number.NaN) + 1;
    if (!(offset <= size)) return undefined;
    const isMoved = answer.headers.get("location") !== null;
    const url = isMoved ? locationOf(answer, session.url, upload) : session.url;
    return { ...session, url, offset };
  } catch (error) {
    if (isFailure(error, "REGISTRY_REJECTED")) return undefined;
    throw error;
  }
}

/** The whole blob in the request that ends the upload. @throws Refusal */
export async function sendWhole(session: Session, upload: Upload): Promise<void> {
  const { digest, size, pieces } = upload;
  const body = { size, open: () => pieces.piece(0, size) };
  const url = withQuery(session.url, "digest", digest);
  await refusable("whole", size, async () => await put(url, body, upload));
}

/** One chunk; the next one goes to the address that the answer names. @throws Refusal */
export async function sendChunk(
  session: Session,
  length: number,
  upload: Upload,
): Promise<Session> {
  const { transport, pieces } = upload;
  const { url, offset } = session;
  const request = requestOf(upload);
  const answer = await refusable(
    "chunk",
    length,
    async () =>
      await transport.once({
        ...request,
        method: "PATCH",
        url,
        headers: { ...request.headers, "content-range": `${offset}-${offset + length - 1}` },
        body: { size: length, open: () => pieces.piece(offset, length) },
        expect: [202],
      }),
  );
  // What it says of its offset is not held against ours: some say an old one. The digest tells.
  return { ...session, url: locationOf(answer, url, upload), offset: offset + length };
}

/** Ends an upload all of whose chunks are there. @throws Refusal */
export async function finishSession(session: Session, upload: Upload): Promise<void> {
  const url = withQuery(session.url, "digest", upload.digest);
  await refusable("chunk", 0, async () => await put(url, emptyBody, upload));
}

const emptyBody: Body = { size: 0, open: () => new Uint8Array() };

async function put(url: URL, body: Body, upload: Upload): Promise<Answer> {
  const request = { ...requestOf(upload), method: "PUT" as const, url, body };
  return await upload.transport.once({ ...request, expect: [201] });
}

async function refusable<T>(
  what: Refusal["what"],
  size: number,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isFailure(error, "REGISTRY_REJECTED") ? new Refusal(error, what, size) : error;
  }
}

function requestOf({
  repository,
  digest,
  scope,
}: Upload): Pick<RegistryRequest, "repository" | "scope" | "what" | "headers"> {
  return {
    repository,
    scope,
    what: `the blob ${digest} of ${repository}`,
    headers: { "content-type": "application/octet-stream" },
  };
}

/** Where the upload goes on. */
function locationOf(
  answer: Answer,
  requested: URL,
  { transport, repository }: Pick<Upload, "transport" | "repository">,
): URL {
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
    return uploadLocation(location, requested);
  } catch (error) {
    throw problem(error instanceof TypeError ? error.message : "its address cannot be read");
  }
}
