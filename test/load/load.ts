/**
 * A load on an HTTP service, as many clients make it: nothing is retried, and every request that fails is told. The loop is open: a
 * request begins when its time has come, whatever became of the others, so that a service which stalls is not spared.
 */
import { randomOf, type Random } from "../random.ts";
import { type Connection, openConnection } from "./connection.ts";
import { type Kind, type LoadResult, type Request, resultOf } from "./result.ts";
import { openWebsocket } from "./websocket.ts";

export type { Reason } from "./connection.ts";
export type { Gap, Kind, LoadResult, Request, Span, Summary } from "./result.ts";
export type { SocketResult } from "./websocket.ts";

export interface LoadWishes {
  /** An IP address. */
  readonly address: string;
  readonly port: number;
  /** Default `/`. */
  readonly path?: string;
  /** What the header `Host` says. Default: the address. */
  readonly host?: string;
  /** Requests a second. Default 300. */
  readonly rate?: number;
  /** The part of the requests, 0 to 1, that ask for `slowPath`. Default 0.1, and `/slow`. */
  readonly slowPart?: number;
  readonly slowPath?: string;
  /** The part that are POST, with a body. Default 0.2. */
  readonly postPart?: number;
  /** The part that share connections from a pool; each other has its own. Default 0.5. */
  readonly keepalivePart?: number;
  /** How many are opened at the start. Default 3, at `/ws`. */
  readonly websockets?: number;
  readonly websocketPath?: string;
  /** In which a request has to be answered, connecting and all. Default 5000. */
  readonly deadlineMs?: number;
  /** Which request is of which sort: the same for the same seed. */
  readonly seed?: number;
}

export interface Load {
  /** ms since its start, as the times of the result are. */
  now(): number;
  /** Begins no more requests, and waits for those under way. */
  stop(): Promise<LoadResult>;
}

const bodyBytes = 1000;

export function startLoad(wishes: LoadWishes): Load {
  const { address, port, host = address, rate = 300, deadlineMs = 5000 } = wishes;
  const start = performance.now();
  const now = () => performance.now() - start;
  const kindOf = kindsOf(wishes);
  const textOf = requestTexts(wishes, host);
  const pool = createPool(() => openConnection(address, port));
  const done: Request[] = [];
  const underWay = new Set<Promise<void>>();
  let latestStart = 0;
  const ask = async (kind: Kind) => {
    const at = now();
    const connection = kind.isKept ? pool.take() : openConnection(address, port);
    const outcome = await connection.exchange(textOf(kind), deadlineMs);
    done.push({ at, ms: now() - at, kind, ok: outcome.reason === undefined, ...outcome });
    if (kind.isKept) afterNextReads(() => pool.give(connection));
    else connection.close();
  };
  const begin = (due: number) => {
    latestStart = Math.max(latestStart, now() - due);
    const asked = ask(kindOf()).finally(() => underWay.delete(asked));
    underWay.add(asked);
  };
  const target = { address, port, host, path: wishes.websocketPath ?? "/ws", deadlineMs };
  const sockets = Array.from({ length: wishes.websockets ?? 3 }, () => openWebsocket(target, now));
  const endSchedule = onSchedule(1000 / rate, now, begin);
  return {
    now,
    async stop() {
      endSchedule();
      const durationMs = now();
      const websockets = await Promise.all(sockets.map(async (socket) => await socket.stop()));
      await Promise.all(underWay);
      pool.close();
      return resultOf({ requests: done, websockets, durationMs, latestStart });
    },
  };
}

/** Calls `begin` for each multiple of `interval` (ms) at its time. @returns what ends it */
function onSchedule(interval: number, now: () => number, begin: (due: number) => void): () => void {
  let count = 0;
  let timer: NodeJS.Timeout | undefined;
  let isEnded = !Number.isFinite(interval);
  const beginDue = () => {
    if (isEnded) return;
    for (; count * interval <= now(); count++) begin(count * interval);
    arm();
  };
  // Timers, then what has come over sockets, then immediates: an end of a connection that has reached this machine is seen before
  // the connection is taken from the pool.
  const arm = () => {
    timer = setTimeout(() => setImmediate(beginDue), Math.max(0, count * interval - now()));
  };
  if (!isEnded) arm();
  return () => {
    isEnded = true;
    clearTimeout(timer);
  };
}

/** When all has been read once more that has come: an end right behind an answer is not read together with it. */
function afterNextReads(then: () => void): void {
  setImmediate(() => setImmediate(then));
}

/** Connections between two requests, each used in its turn. One that the server has closed meanwhile is none, and no failure. */
function createPool(open: () => Connection) {
  const idle: Connection[] = [];
  let isClosed = false;
  return {
    take(): Connection {
      for (let next = idle.shift(); next !== undefined; next = idle.shift()) {
        if (next.isIdle) return next;
        next.close();
      }
      return open();
    },
    give(connection: Connection): void {
      if (isClosed) connection.close();
      else if (connection.isIdle) idle.push(connection);
    },
    close(): void {
      isClosed = true;
      for (const connection of idle) connection.close();
    },
  };
}

function kindsOf(wishes: LoadWishes): () => Kind {
  const { slowPart = 0.1, postPart = 0.2, keepalivePart = 0.5, seed = 1 } = wishes;
  const random: Random = randomOf(seed);
  const kinds = new Map<number, Kind>();
  return () => {
    const [isSlow, isPost, isKept] = [
      random() < slowPart,
      random() < postPart,
      random() < keepalivePart,
    ];
    const key = Number(isSlow) + 2 * Number(isPost) + 4 * Number(isKept);
    const kind = kinds.get(key) ?? { method: isPost ? "POST" : "GET", isSlow, isKept };
    kinds.set(key, kind);
    return kind;
  };
}

function requestTexts({ path = "/", slowPath = "/slow" }: LoadWishes, host: string) {
  const body = "x".repeat(bodyBytes);
  return ({ method, isSlow, isKept }: Kind): string => {
    const line = `${method} ${isSlow ? slowPath : path} HTTP/1.1\r\nHost: ${host}\r\n`;
    const connection = isKept ? "" : "Connection: close\r\n";
    const length = method === "POST" ? `Content-Length: ${bodyBytes}\r\n` : "";
    return `${line}${connection}${length}\r\n${method === "POST" ? body : ""}`;
  };
}
