/**
 * The calls of the OCI distribution protocol (opencontainers/distribution-spec, spec.md), one registry a client.
 * All calls throw REGISTRY_UNREACHABLE, REGISTRY_UNTRUSTED, REGISTRY_PLAIN_HTTP, REGISTRY_AUTH, REGISTRY_DENIED, REGISTRY_REJECTED, or the signal's reason.
 */
import { type Digest, digestOf, isDigest } from "../oci/digest.ts";
import { mediaTypes } from "../oci/document.ts";
import type { Context } from "../context.ts";
import { findCredentials } from "./credentials.ts";
import { type Answer, contentWrong } from "./failure.ts";
import { openFrom } from "./range.ts";
import type { Patience } from "./retry.ts";
import type { Scope } from "./token.ts";
import { createTransport, type RegistryRequest } from "./transport.ts";
import {
  type BlobContent,
  type Uploaded,
  uploadBlob,
  type UploadOptions,
  usualChunks,
} from "./upload.ts";

export interface RegistryOptions {
  /** What tokens are asked for. Default `pull`. */
  readonly access?: "pull" | "push";
  /** Replaces the context's signal. */
  readonly signal?: AbortSignal;
  /** Speak plain HTTP although the registry is not on this machine's loopback. */
  readonly plainHttp?: boolean;
  /** Where it is spoken to, if not where its name says: the address of a mirror, which may have a path. */
  readonly address?: URL;
  readonly patience?: Patience;
}

/** A manifest or index as the registry holds it. */
interface StoredManifest {
  readonly mediaType: string;
  /** Of the bytes themselves, not what the registry says. */
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

export interface RegistryClient {
  /** The digest of a manifest, by tag or digest; `undefined` where there is none. No body is read. */
  manifestDigest(repository: string, reference: string): Promise<Digest | undefined>;
  /** A manifest or index, by tag or digest; `undefined` where there is none. Bytes asked for by digest are held against it. */
  manifest(repository: string, reference: string): Promise<StoredManifest | undefined>;
  hasBlob(repository: string, digest: Digest): Promise<boolean>;
  /** A small blob, whole; `undefined` where there is none. The caller holds it against its digest. */
  blob(repository: string, digest: Digest): Promise<Uint8Array | undefined>;
  /**
   * A blob as it comes, without its first `from` bytes. The caller holds the whole against its digest. Its reading throws
   * TransientFailure where the rest may be had later. @throws REGISTRY_REJECTED where there is none
   */
  openBlob(repository: string, digest: Digest, from?: number): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Sends a blob, or has it mounted from another repository of this registry. `open` is called again for another try. `onSent` is told
   * how many bytes more were handed over, and up to which place of the blob.
   */
  uploadBlob(
    repository: string,
    blob: BlobContent,
    options?: Pick<UploadOptions, "mountFrom" | "onSent">,
  ): Promise<Uploaded>;
  /** Stores a manifest under a tag or under its own digest. */
  putManifest(
    repository: string,
    reference: string,
    manifest: { readonly mediaType: string; readonly bytes: Uint8Array },
  ): Promise<void>;
}

/** The registry of that name, with the login that docker stored for it. */
export function createRegistryClient(
  registry: string,
  { env, runner, report, signal }: Pick<Context, "env" | "runner" | "report" | "signal">,
  options: RegistryOptions = {},
): RegistryClient {
  const transport = createTransport({
    registry,
    signal: options.signal ?? signal,
    report,
    credentials: async () => await findCredentials(registry, { env, runner }),
    ...(options.plainHttp === undefined ? {} : { plainHttp: options.plainHttp }),
    ...(options.address === undefined ? {} : { address: apiAddress(options.address) }),
    ...(options.patience === undefined ? {} : { patience: options.patience }),
  });
  const scopeOf = (repository: string): Scope => [
    `repository:${repository}:${options.access === "push" ? "pull,push" : "pull"}`,
  ];
  const ask = async (request: Omit<RegistryRequest, "url" | "scope"> & { readonly path: string }) =>
    await transport.send({
      ...request,
      url: new URL(`${request.repository}/${request.path}`, await transport.base()),
      scope: scopeOf(request.repository),
    });
  const chunks = usualChunks();
  const hasBlob = async (repository: string, digest: Digest) => {
    const answer = await ask({
      method: "HEAD",
      path: `blobs/${digest}`,
      repository,
      what: `a look at the blob ${digest}`,
      expect: [200, 404],
    });
    return answer.status === 200;
  };

  return {
    hasBlob,
    async blob(repository, digest) {
      const what = `to show the blob ${digest}`;
      const path = `blobs/${digest}`;
      const answer = await ask({ method: "GET", path, repository, what, expect: [200, 404] });
      return answer.status === 200 ? answer.bytes : undefined;
    },
    openBlob: async (repository, digest, from = 0) =>
      await openFrom(from, async (headers, expect) => {
        const what = `to send the blob ${digest}`;
        const path = `blobs/${digest}`;
        return await ask({ method: "GET", path, headers, repository, what, expect, stream: true });
      }),
    async manifestDigest(repository, reference) {
      const answer = await ask({
        method: "HEAD",
        path: `manifests/${reference}`,
        headers: { accept: manifestTypes },
        repository,
        what: `a look at the manifest ${reference} of ${repository}`,
        expect: [200, 404],
      });
      const digest = answer.headers.get("docker-content-digest") ?? "";
      return answer.status === 200 && isDigest(digest) ? digest : undefined;
    },
    async manifest(repository, reference) {
      const answer = await ask({
        method: "GET",
        path: `manifests/${reference}`,
        headers: { accept: manifestTypes },
        repository,
        what: `to show the manifest ${reference} of ${repository}`,
        expect: [200, 404],
      });
      return answer.status === 200 ? storedManifest(answer, registry, reference) : undefined;
    },
    uploadBlob: async (repository, blob, { mountFrom, onSent } = {}) =>
      await uploadBlob(transport, {
        repository,
        blob,
        scope: scopeOf(repository),
        isThere: async () => await hasBlob(repository, blob.digest),
        mountFrom,
        onSent,
        chunks,
      }),
    async putManifest(repository, reference, { mediaType, bytes }) {
      await ask({
        method: "PUT",
        path: `manifests/${reference}`,
        headers: { "content-type": mediaType },
        body: { size: bytes.byteLength, open: () => bytes },
        repository,
        what: `the manifest ${reference} of ${repository}`,
        // 201 by the specification; some registries say 200 or 202.
        expect: [200, 201, 202],
      });
    },
  };
}

function apiAddress(address: URL): URL {
  return new URL(`${address.pathname.replace(/\/$/, "")}/v2/`, address);
}

const manifestTypes = [
  mediaTypes.index,
  mediaTypes.manifest,
  mediaTypes.dockerIndex,
  mediaTypes.dockerManifest,
].join(", ");

function storedManifest(answer: Answer, registry: string, reference: string): StoredManifest {
  const digest = digestOf(answer.bytes);
  if (isDigest(reference) && digest !== reference)
    throw contentWrong(registry, reference, `its bytes are ${digest}`);
  const [mediaType = ""] = (answer.headers.get("content-type") ?? "").split(";");
  return { mediaType: mediaType.trim(), digest, bytes: answer.bytes };
}
