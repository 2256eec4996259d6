/** The uploads of the registry in memory: begun, continued, asked about, ended. */
import { createHash, randomUUID } from "node:crypto";

/**
 * What becomes of an upload that breaks off within a request: it can be gone on with there, it is thrown away (as Docker's registry up
 * to 2.8 does), or chunks are not taken at all (as by Google's Artifact Registry).
 */
export type UploadWays = "resumed" | "forgotten" | "whole";

export interface UploadRequest {
  readonly method: string;
  readonly repository: string;
  readonly id: string;
  readonly query: URLSearchParams;
  readonly contentRange: string | undefined;
  readonly body: Buffer;
}

export interface UploadAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly code?: string;
}

export interface Uploads {
  answer(request: UploadRequest): UploadAnswer;
  /** What came of a request whose connection broke. */
  broke(id: string, body: Buffer): void;
}

export interface UploadsOptions {
  readonly ways: UploadWays;
  /** Called for a blob that is whole. */
  readonly store: (repository: string, digest: string, content: Buffer) => void;
}

export function createUploads({ ways, store }: UploadsOptions): Uploads {
  const sessions = new Map<string, Buffer[]>();

  function receive(request: UploadRequest, received: Buffer[]): UploadAnswer {
    const { method, body, contentRange, id } = request;
    const offset = sizeOf(received);
    if (contentRange !== undefined && contentRange !== `${offset}-${offset + body.length - 1}`)
      return { status: 416, headers: placeOf(request, id, offset) };
    received.push(body);
    if (method === "PATCH")
      return { status: 202, headers: placeOf(request, id, offset + body.length) };
    sessions.delete(id);
    const content = Buffer.concat(received);
    const wanted = request.query.get("digest") ?? "";
    const actual = `sha256:${createHash("sha256").update(content).digest("hex")}`;
    if (actual !== wanted) return { status: 400, code: "DIGEST_INVALID" };
    store(request.repository, wanted, content);
    return { status: 201, headers: { "docker-content-digest": wanted } };
  }

  return {
    answer(request) {
      if (request.method === "POST") {
        const id = randomUUID();
        sessions.set(id, []);
        return { status: 202, headers: placeOf(request, id, 0) };
      }
      const received = sessions.get(request.id);
      if (received === undefined || request.query.get("_state") !== "a+b")
        return { status: 404, code: "BLOB_UPLOAD_UNKNOWN" };
      if (request.method === "GET")
        return { status: 204, headers: placeOf(request, request.id, sizeOf(received)) };
      if (request.method === "PATCH" && ways === "whole")
        return { status: 400, code: "UNSUPPORTED" };
      return receive(request, received);
    },
    broke(id, body) {
      if (ways === "forgotten" && body.length > 0) sessions.delete(id);
      else sessions.get(id)?.push(body);
    },
  };
}

// The state is part of the address, and must come back byte for byte.
function placeOf({ repository }: UploadRequest, id: string, size: number) {
  return {
    location: `/v2/${repository}/blobs/uploads/${id}?_state=a%2Bb`,
    range: `0-${Math.max(0, size - 1)}`,
  };
}

function sizeOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0);
}
