/**
 * A registry of one image that can only be read: what a server's engine pulls from through the tunnel. It listens on this machine's
 * loopback, answers one random repository, and only while a pull lasts.
 * Source: OCI distribution-spec, "Pull" and "Error Codes".
 */
import { answer, refuse, type Exchange, type Served } from "./answer.ts";
import { type EndpointLimits, usualLimits } from "./limits.ts";
import { PieceStock } from "./pieces.ts";
import { type Question, readQuestion } from "./question.ts";
import { openLoopbackServer, type ServerOptions } from "./server.ts";
import { Turns } from "./turns.ts";

export interface EndpointOptions extends Pick<Exchange, "onSent">, Pick<ServerOptions, "listener"> {
  /** The first blob that cannot be read: no engine will get it. STORE_BLOB_MISSING, STORE_BLOB_DAMAGED */
  readonly onFailure: (error: unknown) => void;
  readonly limits?: Partial<EndpointLimits>;
}

export interface Endpoint {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Begins to answer; until then every path is a foreign one. */
  serve(content: Served): void;
  /** Ends all connections and answers nothing any more; whoever still asks for what was served is no stranger. */
  withdraw(): void;
  /** How many requests came for other paths than those of the repository that is served. */
  foreign(): number;
  /** Ends all connections, and waits until every file is closed. */
  close(): Promise<void>;
}

export async function openEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const { listener, onSent, onFailure, limits } = options;
  const [stock, turns] = [new PieceStock(), new Turns()];
  let served: Served | undefined;
  let repository: string | undefined;
  let foreign = 0;
  let hasFailed = false;
  const giveUp = (error: unknown) => {
    if (!hasFailed) onFailure(error);
    hasFailed = true;
  };
  const server = await openLoopbackServer({
    listener,
    limits: { ...usualLimits, ...limits },
    onConnect: () => void (foreign += 1),
    onRequest(request, response, connection) {
      const question = readQuestion(request, repository);
      if (question.kind === "foreign") foreign += 1;
      connection.isKnown ||= tellsOfPath(question);
      connection.answer(response, async () => {
        const exchange = { question, served, request, response, connection, stock, turns, onSent };
        await answer(exchange).catch((error: unknown) => {
          giveUp(error);
          // What has begun cannot be taken back, only cut.
          if (response.headersSent) connection.end();
          else refuse(response, 500, "UNKNOWN");
        });
      });
    },
  });
  const withdraw = () => {
    served = undefined;
    server.endConnections();
  };
  return {
    port: server.port,
    serve(content) {
      served = content;
      repository = content.repository;
      turns.fitTo(content.roundTripMs ?? 0);
    },
    withdraw,
    foreign: () => foreign,
    async close() {
      withdraw();
      await server.close();
    },
  };
}

/** What only those ask who know the path. */
function tellsOfPath({ kind }: Question): boolean {
  return kind === "manifest" || kind === "blob" || kind === "unknown";
}
