/** The answers of the endpoint (OCI distribution-spec, "Pull" and "Error Codes"). */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Digest, digestOf } from "../../oci/digest.ts";
import type { Manifest, Parts } from "../../oci/parts.ts";
import { openBlob } from "../../store/blob.ts";
import { sendPart } from "./blob.ts";
import type { Connection } from "./connection.ts";
import { mostHeaders } from "./limits.ts";
import type { PieceStock } from "./pieces.ts";
import { type Turn, type Turns } from "./turns.ts";
import type { Question } from "./question.ts";
import { readRange } from "./range.ts";

/** What is answered. */
export interface Served {
  /** Hard to guess: `transship/` and 32 hexadecimal digits. */
  readonly repository: string;
  /**
   * User and password as HTTP's Basic has them, in base64: whoever sees the path in a list of processes does not see them. Absent: the
   * path is enough.
   */
  readonly credentials?: string;
  readonly parts: Parts;
  /** How long a round trip through the tunnel takes, in milliseconds; absent: next to nothing. */
  readonly roundTripMs?: number;
  /** Further blobs, which are no files: the configs of other manifests. */
  readonly documents?: readonly Manifest[];
  /** Where a blob is read. Its bytes are not held against its digest here: the engine that pulls does that. */
  readonly file: (digest: Digest) => string;
}

export interface Exchange {
  readonly question: Question;
  readonly served: Served | undefined;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: Connection;
  readonly stock: PieceStock;
  readonly turns: Turns;
  /** Bytes of a blob that were handed over, and up to which place of it. */
  readonly onSent: (digest: Digest, bytes: number, upTo: number) => void;
}

/** @throws STORE_BLOB_MISSING, STORE_BLOB_DAMAGED; the answer may have begun then */
export async function answer(exchange: Exchange): Promise<void> {
  const { question, served, response } = exchange;
  if (!isGood(exchange)) return;
  switch (question.kind) {
    case "ping":
      // By it clients of Docker's own protocol know a registry (distribution, "API Version Check").
      response.setHeader("Docker-Distribution-Api-Version", "registry/2.0");
      return end(response, 200, "application/json", "{}");
    case "manifest":
      return answerManifest(response, manifestIn(served, question.reference));
    case "blob":
      return await answerBlob(exchange, question.digest);
    case "unknown":
      return refuse(response, 404, "UNSUPPORTED");
    case "foreign":
    case "forbidden":
  }
}

/** Whether it may be answered; what may not is refused, and its connection is not kept: engines ask nothing of that kind. */
function isGood({ question, request, response, served }: Exchange): boolean {
  const problem = problemOf(question, request, isLetIn(request, served));
  if (problem === undefined) return true;
  // Asked for its login an engine asks again.
  if (problem.status === 401) response.setHeader("WWW-Authenticate", 'Basic realm="transship"');
  else response.setHeader("Connection", "close");
  if (problem.status === 405) response.setHeader("Allow", "GET, HEAD");
  refuse(response, problem.status, problem.code);
  return false;
}

function problemOf({ kind }: Question, { headers, rawHeaders }: IncomingMessage, isKnown: boolean) {
  if (kind === "foreign") return { status: 404, code: "NAME_UNKNOWN" };
  if (kind === "forbidden") return { status: 405, code: "UNSUPPORTED" };
  if (!isKnown) return { status: 401, code: "UNAUTHORIZED" };
  // The server keeps no more than that of them, each a name and a value.
  if (rawHeaders.length >= 2 * mostHeaders) return { status: 431, code: "UNSUPPORTED" };
  // A body would have to be read; nothing that is asked here has one.
  const hasBody =
    headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  const isBad = hasBody || headers.host === undefined;
  return isBad ? { status: 400, code: "UNSUPPORTED" } : undefined;
}

/** Compared in constant time, so that nothing is learned from how long it takes. */
function isLetIn({ headers }: IncomingMessage, served: Served | undefined): boolean {
  const [, given] = /^Basic (\S+)$/i.exec(headers.authorization ?? "") ?? [];
  if (served?.credentials === undefined) return true;
  if (given === undefined) return false;
  const [one, other] = [given, served.credentials].map((text) => Buffer.from(digestOf(text)));
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}

function manifestIn(served: Served | undefined, reference: string): Manifest | undefined {
  const { root, manifests = [] } = served?.parts ?? {};
  const all = root === undefined ? manifests : [root, ...manifests];
  return all.find(({ descriptor }) => descriptor.digest === reference) ?? tagged(root, reference);
}

/** The one tag that there is. */
function tagged(root: Manifest | undefined, reference: string): Manifest | undefined {
  return reference === "latest" ? root : undefined;
}

function answerManifest(response: ServerResponse, manifest: Manifest | undefined): void {
  if (manifest === undefined) return refuse(response, 404, "MANIFEST_UNKNOWN");
  const { descriptor, bytes } = manifest;
  response.setHeader("Docker-Content-Digest", descriptor.digest);
  end(response, 200, descriptor.mediaType, bytes);
}

async function answerBlob(exchange: Exchange, digest: Digest): Promise<void> {
  const { served, request, response, connection, stock, turns, onSent } = exchange;
  const document = served?.documents?.find(({ descriptor }) => descriptor.digest === digest);
  if (document !== undefined) return answerManifest(response, document);
  const rank = served?.parts.blobs.findIndex((one) => one.digest === digest) ?? -1;
  const blob = served?.parts.blobs[rank];
  if (served === undefined || blob === undefined) return refuse(response, 404, "BLOB_UNKNOWN");
  const isHead = request.method === "HEAD";
  // A part is something that only GET has (RFC 9110, 14.2).
  const range = isHead ? undefined : readRange(request.headers.range, blob.size);
  response.setHeader("Accept-Ranges", "bytes");
  response.setHeader("Docker-Content-Digest", digest);
  if (range === "unsatisfiable") {
    response.setHeader("Content-Range", `bytes */${blob.size}`);
    return refuse(response, 416, "SIZE_INVALID");
  }
  const path = served.file(digest);
  const file = await openBlob(blob, path);
  try {
    const part = range ?? { start: 0, end: blob.size - 1 };
    const length = part.end - part.start + 1;
    if (range !== undefined)
      response.setHeader("Content-Range", `bytes ${part.start}-${part.end}/${blob.size}`);
    response.writeHead(range === undefined ? 200 : 206, {
      "Content-Type": "application/octet-stream",
      "Content-Length": length,
    });
    const write = async (bytes: Uint8Array) => await connection.write(response, bytes);
    const told = (bytes: number, upTo: number) => onSent(digest, bytes, upTo);
    // It may have to wait for its turn, and whoever asked should know that it comes.
    response.flushHeaders();
    if (!isHead && length > 0)
      await inTurn(turns, rank, async (turn) => {
        // Until then it holds no memory.
        await turn.ready();
        const inTurns = async (bytes: Uint8Array) => {
          await turn.ready();
          return await turn.send(async () => await write(bytes));
        };
        await sendPart(file, part, { blob, path, stock, write: inTurns, onSent: told });
      });
    response.end();
  } finally {
    await file.close();
  }
}

/** Blobs stand in the order in which they are unpacked. */
async function inTurn(turns: Turns, rank: number, work: (turn: Turn) => Promise<void>) {
  const turn = turns.enter(rank);
  try {
    await work(turn);
  } finally {
    turn.leave();
  }
}

/** With the body that the specification has for errors; what is not there is not told apart any further. */
export function refuse(response: ServerResponse, status: number, code: string): void {
  end(response, status, "application/json", JSON.stringify({ errors: [{ code }] }));
}

function end(
  response: ServerResponse,
  status: number,
  type: string,
  body: Uint8Array | string,
): void {
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  // For HEAD node leaves the body out and keeps the headers.
  response.end(body);
}
