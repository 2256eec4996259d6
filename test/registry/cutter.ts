/** A proxy before a registry, whose clients' connections are cut after so many bytes, wherever that is. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

export interface Cutter {
  /** `127.0.0.1:40123`. */
  readonly host: string;
  /** Bytes that clients have sent. */
  received(): number;
  /** How many connections were cut. */
  cuts(): number;
  readonly close: () => Promise<void>;
}

export interface CutterOptions {
  /** `127.0.0.1:5000`. */
  readonly to: string;
  /** After how many bytes of all clients each cut comes; when it has no more numbers nothing is cut. */
  readonly after: Iterator<number>;
  /**
   * Hand a request on only when all of it has come, as nginx does where nobody tells it otherwise (`proxy_request_buffering`): what was
   * cut the registry never sees.
   */
  readonly isBuffering?: boolean;
}

export async function startCutter({ to, after, isBuffering }: CutterOptions): Promise<Cutter> {
  const [host = "", port = ""] = to.split(":");
  const open = new Set<Socket>();
  let received = 0;
  let cuts = 0;
  const next = () => {
    const step: IteratorResult<number, unknown> = after.next();
    return step.done === true ? Number.POSITIVE_INFINITY : received + step.value;
  };
  let cut = next();
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    const requests = isBuffering === true ? wholeRequests() : undefined;
    client.on("data", (bytes) => {
      received += bytes.length;
      const keep = received < cut ? bytes : bytes.subarray(0, bytes.length - (received - cut));
      const ready = requests === undefined ? keep : requests(keep);
      if (keep.length === bytes.length && received < cut) {
        upstream.write(ready);
        return;
      }
      cuts += 1;
      cut = next();
      client.resetAndDestroy();
      // What came before the cut still comes there.
      upstream.end(ready);
    });
    upstream.pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    host: `127.0.0.1:${address.port}`,
    received: () => received,
    cuts: () => cuts,
    async close() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, "close");
    },
  };
}

/** Takes bytes of requests of HTTP/1.1 as they come, and gives back those of which all has come. */
function wholeRequests(): (bytes: Buffer) => Buffer {
  let kept = Buffer.alloc(0);
  return (bytes) => {
    kept = Buffer.concat([kept, bytes]);
    let whole = 0;
    for (;;) {
      const head = kept.indexOf("\r\n\r\n", whole);
      if (head === -1) break;
      const fields = kept.subarray(whole, head).toString("latin1");
      const size = Number(/^content-length: *(\d+)/im.exec(fields)?.[1] ?? 0);
      if (kept.length < head + 4 + size) break;
      whole = head + 4 + size;
    }
    const ready = kept.subarray(0, whole);
    kept = kept.subarray(whole);
    return ready;
  };
}
