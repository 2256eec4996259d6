/** Requests at a steady rate from clients that send nothing twice, and tunnels that notice when they are cut. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

export interface Place {
  readonly address: string;
  readonly port: number;
  /** What they say in Host. */
  readonly host: string;
}

export interface LoadResult {
  readonly sent: number;
  /** What went wrong, one sentence each. */
  readonly failures: readonly string[];
  /** How many were answered by which release. */
  readonly releases: ReadonlyMap<string, number>;
  /** Milliseconds, of those that are not slow by themselves, in the order in which they ended. */
  readonly quick: readonly number[];
}

/** Half of them POST with a body; one in ten is slow; one in ten closes its connection. @returns what ends it, as the end of the test does, and tells */
export function startLoad(
  t: TestContext,
  place: Place,
  perSecond: number,
): () => Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const failures: string[] = [];
  const releases = new Map<string, number>();
  const quick: number[] = [];
  const running = new Set<Promise<void>>();
  const begin = performance.now();
  const over = new AbortController();
  let sent = 0;
  const one = async (number: number) => {
    const isSlow = number % 10 === 3;
    const start = performance.now();
    try {
      const { release } = await ask(place, {
        path: isSlow ? "/slow" : "/",
        method: number % 2 === 0 ? "POST" : "GET",
        ...(number % 10 === 7 ? {} : { agent }),
      });
      releases.set(release, (releases.get(release) ?? 0) + 1);
      if (!isSlow) quick.push(performance.now() - start);
    } catch (error) {
      failures.push(
        `${number} after ${Math.round(performance.now() - start)} ms: ${String(error)}`,
      );
    }
  };
  const pace = (async () => {
    while (!over.signal.aborted) {
      const due = ((performance.now() - begin) * perSecond) / 1_000;
      for (; sent < due; sent += 1) {
        const asking = one(sent);
        running.add(asking);
        void asking.finally(() => running.delete(asking));
      }
      await sleep(5);
    }
  })();
  t.after(() => over.abort());
  return async () => {
    over.abort();
    await pace;
    await Promise.all(running);
    agent.destroy();
    return { sent, failures, releases, quick };
  };
}

/** @throws where the status is not 200 */
export async function ask(
  { address, port, host }: Place,
  options: {
    readonly path?: string;
    readonly method?: "GET" | "POST";
    readonly agent?: Agent;
  } = {},
) {
  const headers = { host, ...(options.agent === undefined ? { connection: "close" } : {}) };
  const asked = request({
    host: address,
    port,
    headers,
    timeout: 20_000,
    agent: false,
    ...options,
  });
  asked.on("timeout", () => asked.destroy(new Error("no answer within 20 s")));
  asked.end(options.method === "POST" ? "x".repeat(1_000) : undefined);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once("response", resolve).once("error", reject);
  });
  const body = await text(answer);
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${body}`);
  return { release: String(answer.headers["release"]), body };
}

export interface Tunnel {
  /** Whether what is said now comes back. */
  lives(): Promise<boolean>;
  end(): void;
}

/** A websocket as a proxy sees it: after the upgrade bytes go both ways, and here the same ones come back. */
export async function openTunnel({ address, port, host }: Place): Promise<Tunnel> {
  // RFC 6455, 4.1; HAProxy takes no other.
  const key = { "sec-websocket-key": randomBytes(16).toString("base64") };
  const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-version": "13" };
  const headers = { host, ...upgrade, ...key };
  const asked = request({ host: address, port, headers, agent: false });
  asked.on("response", ({ statusCode }) => asked.destroy(new Error(`answered by ${statusCode}`)));
  asked.end();
  const socket = await new Promise<Duplex>((resolve, reject) => {
    asked.once("upgrade", (_, upgraded) => resolve(upgraded)).once("error", reject);
  });
  socket.on("error", () => {});
  return {
    async lives() {
      if (socket.destroyed || socket.readableEnded) return false;
      const echo = once(socket, "data", { signal: AbortSignal.timeout(5_000) });
      socket.write("there?");
      return await Promise.race([
        echo.then(
          () => true,
          () => false,
        ),
        once(socket, "close").then(() => false),
      ]);
    },
    end: () => void socket.destroy(),
  };
}
