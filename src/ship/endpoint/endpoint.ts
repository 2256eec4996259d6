/**
 * A registry of one image that can only be read: what a server's engine pulls from through the tunnel. It listens on this machine's
 * loopback, answers one random repository, and only while a pull lasts.
 * Source: OCI distribution-spec, "Pull" and "Error Codes".
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { fail } from "../../errors.ts";
import type { Digest } from "../../oci/digest.ts";
import type { Descriptor } from "../../oci/document.ts";
import type { Manifest, Parts } from "../../oci/parts.ts";
import { isSystemError } from "../../process/system-error.ts";
import { openForReading } from "../../store/file.ts";
import { type Question, readQuestion } from "./question.ts";
import { type Range, readRange } from "./range.ts";

/** What is answered. */
interface Served {
  /** Hard to guess: `transship/` and 32 hexadecimal digits. */
  readonly repository: string;
  readonly parts: Parts;
  /** Where a blob is read. Its bytes are not held against its digest here: the engine that pulls does that. */
  readonly file: (digest: Digest) => string;
}

export interface EndpointOptions {
  /** Bytes of a blob that were handed over, and up to which place of it. */
  readonly onSent: (digest: Digest, bytes: number, upTo: number) => void;
  /** A blob that cannot be read: no engine will get it. */
  readonly onFailure: (error: Error) => void;
}

export interface Endpoint {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Begins to answer; until then every path is a foreign one. */
  serve(content: Served): void;
  /** How many requests came for other paths than the one that is served. */
  foreign(): number;
  /** Ends all connections. */
  close(): Promise<void>;
}

/** Engines pull three to five layers at once, and look for manifests beside. */
const mostConnections = 32;
const requestMs = 10_000;
/** How long a connection may stand still: an engine whose disk is busy reads on, a dead one does not. */
const idleMs = 120_000;
/** Whoever asked went away, which is no failure of ours. */
const hangUps = ["ERR_STREAM_PREMATURE_CLOSE", "ERR_STREAM_DESTROYED", "ECONNRESET", "EPIPE"];

/** @throws the system's error where no port of the loopback is free */
export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  let served: Served | undefined;
  let foreign = 0;
  const server = createServer(
    {
      maxHeaderSize: 8 * 1024,
      headersTimeout: requestMs,
      requestTimeout: requestMs,
      keepAliveTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
    },
    (request, response) => {
      const question = readQuestion(request, served?.repository);
      if (question.kind === "foreign") foreign += 1;
      answer({ question, served, request, response }, options).catch((error: unknown) => {
        response.destroy();
        if (error instanceof Error && !isSystemError(error, ...hangUps)) options.onFailure(error);
      });
    },
  );
  server.maxConnections = mostConnections;
  server.timeout = idleMs;
  server.on("clientError", (_error, socket) => {
    // An engine tries TLS first, and takes these words for a sign to go on without (Go, crypto/tls, RecordHeaderError).
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    else socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: portOf(server),
    serve: (content) => void (served = content),
    foreign: () => foreign,
    async close() {
      served = undefined;
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("it has no port");
  return address.port;
}

interface Exchange {
  readonly question: Question;
  readonly served: Served | undefined;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function answer(exchange: Exchange, options: EndpointOptions): Promise<void> {
  const { question, served, request, response } = exchange;
  // A body would have to be read; nothing that is asked here has one.
  const hasBody = request.headers["transfer-encoding"] !== undefined;
  if (hasBody || Number(request.headers["content-length"] ?? 0) > 0) {
    response.setHeader("Connection", "close");
    return refuse(response, 400, "UNSUPPORTED");
  }
  switch (question.kind) {
    case "ping":
      return end(response, 200, "application/json", "{}");
    case "manifest":
      return answerManifest(response, manifestIn(served, question.reference));
    case "blob":
      return await answerBlob(exchange, question.digest, options);
    case "foreign":
      return refuse(response, 404, "NAME_UNKNOWN");
    case "forbidden":
      response.setHeader("Allow", "GET, HEAD");
      return refuse(response, 405, "UNSUPPORTED");
  }
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

async function answerBlob(
  { served, request, response }: Exchange,
  digest: Digest,
  options: EndpointOptions,
): Promise<void> {
  const blob = served?.parts.blobs.find((one) => one.digest === digest);
  if (served === undefined || blob === undefined) return refuse(response, 404, "BLOB_UNKNOWN");
  const range = readRange(request.headers.range, blob.size);
  response.setHeader("Accept-Ranges", "bytes");
  response.setHeader("Docker-Content-Digest", digest);
  if (range === "unsatisfiable") {
    response.setHeader("Content-Range", `bytes */${blob.size}`);
    return refuse(response, 416, "SIZE_INVALID");
  }
  const whole = { start: 0, end: blob.size - 1 };
  const { start, end: last } = range ?? whole;
  if (range !== undefined)
    response.setHeader("Content-Range", `bytes ${start}-${last}/${blob.size}`);
  const length = last - start + 1;
  const head = { "Content-Type": "application/octet-stream", "Content-Length": length };
  const file = await openBlob(served.file(digest), blob);
  try {
    response.writeHead(range === undefined ? 200 : 206, head);
    if (request.method === "HEAD" || length === 0) response.end();
    else await sendFile(file, { start, end: last }, { response, digest, ...options });
  } finally {
    await file.close();
  }
}

/** @throws STORE_BLOB_MISSING, STORE_BLOB_DAMAGED */
async function openBlob(path: string, { digest, size }: Descriptor): Promise<FileHandle> {
  const file = await openForReading(path).catch((error: unknown) => {
    const isGone = isSystemError(error, "ENOENT");
    throw isGone ? fail("STORE_BLOB_MISSING", { digest, path }, { cause: error }) : error;
  });
  const stat = await file.stat();
  if (stat.isFile() && stat.size === size) return file;
  await file.close();
  const problem = `it has ${stat.size} bytes instead of ${size}`;
  throw fail("STORE_BLOB_DAMAGED", { digest, path, problem });
}

/** Bytes that are read at once; each connection holds that many, and one more piece that is on its way. */
const pieceBytes = 256 * 1024;

async function sendFile(
  file: FileHandle,
  { start, end: last }: Range,
  { response, digest, onSent }: { response: ServerResponse; digest: Digest } & EndpointOptions,
): Promise<void> {
  let place = start;
  const content = file.createReadStream({
    start,
    end: last,
    highWaterMark: pieceBytes,
    autoClose: false,
  });
  content.on("data", (piece) => {
    place += piece.length;
    onSent(digest, piece.length, place);
  });
  // Counting must not set the stream going before its reader is there.
  content.pause();
  await pipeline(content, response);
}

function refuse(response: ServerResponse, status: number, code: string): void {
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
