/** An HTTP server of the loopback for few and polite clients: it bounds heads, connections and time, and nobody keeps it from closing. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Server as Listener, Socket } from "node:net";
import { isSystemError } from "../../process/system-error.ts";
import { Connection } from "./connection.ts";
import { type EndpointLimits, mostHeadBytes, mostHeaders } from "./limits.ts";
import { portOf } from "./port.ts";

export interface LoopbackServer {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Ends all connections; others may come. */
  endConnections(): void;
  /** Ends all connections, and waits until nothing is under way any more. */
  close(): Promise<void>;
}

export interface ServerOptions {
  /** The port, which it takes over, and closes. */
  readonly listener: Listener;
  readonly limits: EndpointLimits;
  readonly onRequest: (
    request: IncomingMessage,
    response: ServerResponse,
    connection: Connection,
  ) => void;
  /** A request to be connected to somewhere else (CONNECT), as proxies get; it is refused. */
  readonly onConnect: () => void;
}

export async function openLoopbackServer(options: ServerOptions): Promise<LoopbackServer> {
  const { limits, onRequest, onConnect } = options;
  const connections = new Map<Socket, Connection>();
  const server = createServer({
    maxHeaderSize: mostHeadBytes,
    headersTimeout: limits.requestMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.waitMs,
    // Engines do not go by what they are told of it, and ask again where a connection ends before they have an answer.
    keepAliveTimeoutBuffer: 0,
    // Node would answer in its own way what lacks one.
    requireHostHeader: false,
    connectionsCheckingInterval: Math.min(5_000, limits.requestMs / 2),
  });
  server.maxHeadersCount = mostHeaders;
  server.timeout = limits.idleMs;
  server.on("connection", (socket: Socket) => {
    const connection = new Connection(socket);
    if (connections.size >= limits.connections && !makeRoom(connections)) return connection.end();
    connections.set(socket, connection);
    socket.once("close", () => {
      void connection.settled().then(() => connections.delete(socket));
    });
  });
  const take = (request: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(request.socket);
    // It had to make room.
    if (connection !== undefined) onRequest(request, response, connection);
  };
  // Who asks to be told to go on (Expect) has a body to send, and is refused as others are.
  server.on("request", take).on("checkContinue", take).on("checkExpectation", take);
  server.on("connect", (_request, socket: Socket) => {
    onConnect();
    connections.get(socket)?.refuse(wordsOf(405, "Allow: GET, HEAD\r\n"), limits.requestMs);
  });
  server.on("clientError", (error, socket: Socket) => {
    connections.get(socket)?.refuse(wordsOf(statusOf(error)), limits.requestMs);
  });
  server.listen(options.listener);
  await once(server, "listening");
  // A connection that could not be taken.
  server.on("error", () => {});
  const endConnections = () => connections.forEach((one) => one.end());
  return {
    port: portOf(server),
    endConnections,
    async close() {
      const closed = once(server, "close");
      server.close();
      endConnections();
      await closed;
      await Promise.all([...connections.values()].map(async (one) => await one.settled()));
    },
  };
}

/** Whoever has not asked for what is served gives its place to whoever comes: strangers must not keep the engine out. */
function makeRoom(connections: Map<Socket, Connection>): boolean {
  const stranger = [...connections].find(([, { isKnown }]) => !isKnown);
  if (stranger === undefined) return false;
  const [socket, connection] = stranger;
  connection.end();
  return connections.delete(socket);
}

/**
 * What was sent is no request, or did not come in time. An engine tries TLS first, and takes an answer in plain words for a sign to go
 * on without (Go, crypto/tls, RecordHeaderError).
 */
function statusOf(error: Error): number {
  if (isSystemError(error, "HPE_HEADER_OVERFLOW")) return 431;
  return isSystemError(error, "ERR_HTTP_REQUEST_TIMEOUT") ? 408 : 400;
}

function wordsOf(status: number, headers = ""): string {
  const reason = STATUS_CODES[status] ?? "";
  return `HTTP/1.1 ${status} ${reason}\r\n${headers}Content-Length: 0\r\nConnection: close\r\n\r\n`;
}
