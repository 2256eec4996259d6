/** The load tells what befell each request: tried on servers that are good, and on such as are not. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { describe, test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { acceptKey, closePayload, frameOf, frameReader, opcodes } from "./frames.ts";
import { type LoadWishes, startLoad } from "./load.ts";

const address = "127.0.0.1";
const plain: Partial<LoadWishes> = { address, slowPart: 0, websockets: 0 };

// Each waits most of its time.
describe("a load", { concurrency: true }, () => {
  test("of a good service has no failures, its sorts of request are as wished, and it knows the release", async (t) => {
    const seen = new Map<string, number>();
    const port = await listening(t, (request, response) => {
      const { method = "", url = "", headers } = request;
      const kept = headers.connection === "close" ? "alone" : "kept";
      const sort = `${method} ${url} ${kept} ${headers.host}`;
      seen.set(sort, (seen.get(sort) ?? 0) + 1);
      let bytes = 0;
      request.on("data", (chunk: Buffer) => (bytes += chunk.length));
      request.on("end", () => {
        response.setHeader("x-release", "1");
        // In chunks, of which node writes one a call.
        response.write(`${bytes} `);
        response.end("bytes");
      });
    });
    const load = startLoad({ address, port, host: "app.example", slowPart: 0.3, websockets: 0 });
    await until(() => sum(seen.values()) >= 60);
    const result = await load.stop();
    assert.deepEqual([result.failed, result.reasons, result.gap], [0, {}, undefined]);
    assert.equal(result.total, sum(seen.values()));
    const methods = ["GET / ", "POST / ", "GET /slow ", "POST /slow "];
    const sorts = methods.flatMap((one) => ["alone", "kept"].map((kept) => `${one}${kept}`));
    assert.deepEqual(
      [...seen.keys()].toSorted(),
      sorts.map((one) => `${one} app.example`).toSorted(),
    );
    assert.deepEqual(
      result.releases.map(({ release, answers }) => [release, answers]),
      [["1", result.total]],
    );
  });

  test("counts answers that are not 200, and knows who gave them", async (t) => {
    let count = 0;
    const port = await listening(t, (request, response) => {
      request.resume();
      count += 1;
      response.writeHead(count % 2 === 0 ? 500 : 200, { "x-release": String(count % 2) }).end();
    });
    const load = startLoad({ ...plain, address, port });
    await until(() => count >= 20);
    const { total, failed, reasons, releases } = await load.stop();
    assert.deepEqual([failed, reasons], [Math.floor(total / 2), { "status 500": failed }]);
    assert.equal(releases.length, 2);
  });

  test("tells resets and ends before and within an answer, of GET and POST, and no hidden second attempt", async (t) => {
    const acts: readonly (readonly [string, (socket: Socket) => void])[] = [
      ["reset before the answer", (socket) => socket.resetAndDestroy()],
      ["closed before the answer", (socket) => socket.end()],
      ["closed within the answer", (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Le")],
      ["closed within the answer", (socket) => socket.end(`${head(5)}1234`)],
      ["not HTTP", (socket) => socket.end("SSH-2.0-OpenSSH_10.0\r\n\r\n")],
    ];
    for (const [reason, act] of acts) {
      let asked = 0;
      const port = await tcpListening(t, (socket) => {
        socket.once("data", () => {
          asked += 1;
          act(socket);
        });
      });
      const load = startLoad({ ...plain, address, port, postPart: 0.5 });
      await until(() => asked >= 10);
      const { total, failed, reasons, requests } = await load.stop();
      assert.deepEqual([failed, asked, reasons], [total, total, { [reason]: total }]);
      assert.equal(new Set(requests.map(({ kind }) => kind.method)).size, 2);
    }
  });

  test("takes no connection that the server has closed meanwhile, and fails on one that breaks under a request", async (t) => {
    const keptOnly = { ...plain, address, keepalivePart: 1, postPart: 0.5 };
    let connections = 0;
    const closing = await tcpListening(t, (socket) => {
      connections += 1;
      socket.on("data", () => socket.end(`${head(2)}ok`));
    });
    const good = startLoad({ ...keptOnly, port: closing, rate: 40 });
    let [asked, broken] = [0, 0];
    const breaking = await tcpListening(t, (socket) => {
      let count = 0;
      socket.on("data", () => {
        asked += 1;
        count += 1;
        if (count === 1) socket.write(`${head(2)}ok`);
        else {
          broken += 1;
          socket.resetAndDestroy();
        }
      });
    });
    const bad = startLoad({ ...keptOnly, port: breaking, rate: 100 });
    await until(() => broken >= 10 && connections >= 10);
    const [first, second] = await Promise.all([good.stop(), bad.stop()]);
    assert.deepEqual([first.failed, connections], [0, first.total]);
    assert.deepEqual([asked, broken], [second.total, second.failed]);
    assert.deepEqual(second.reasons, { "reset before the answer": second.failed });
    const methods = second.requests.filter(({ ok }) => !ok).map(({ kind }) => kind.method);
    assert.equal(new Set(methods).size, 2);
  });

  test("waits for no answer longer than its deadline, and begins the others meanwhile", async (t) => {
    let opened = 0;
    const port = await tcpListening(t, (socket) => {
      opened += 1;
      socket.resume();
    });
    const load = startLoad({ ...plain, address, port, rate: 100, deadlineMs: 150 });
    await until(() => opened >= 5);
    const { total, reasons, requests } = await load.stop();
    const { "late before the answer": late = 0, "late connecting": later = 0 } = reasons;
    assert.equal(late + later, total);
    assert.ok(requests.every(({ ms }) => ms >= 149));
  });

  test("keeps websockets, which are echoed and end as they do", async (t) => {
    const server = createServer();
    let [messages, ended] = [0, 0];
    server.on("upgrade", ({ headers, url = "" }, socket) => {
      socket.once("close", () => (ended += 1));
      if (url === "/full") {
        socket.end("HTTP/1.1 503 Service Unavailable\r\nX-Release: 3\r\n\r\n");
        return;
      }
      const key = acceptKey(String(headers["sec-websocket-key"]));
      const upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nX-Release: 3\r\n";
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\n${upgrade}Sec-WebSocket-Accept: ${key}\r\n\r\n`,
      );
      echo(socket, () => {
        if (url === "/ws") messages += 1;
        if (url === "/going") socket.write(frameOf(opcodes.close, closePayload(1001), "server"));
        if (url === "/cut") socket.end();
      });
    });
    const port = await listen(t, server);
    const paths = ["/ws", "/going", "/cut", "/full"];
    const loads = paths.map((path) =>
      startLoad({ address, port, rate: 0, websockets: 1, websocketPath: path }),
    );
    await until(() => messages >= 2 && ended === 3);
    const results = await Promise.all(loads.map(async (load) => await load.stop()));
    const [steady, going, cut, full] = results.flatMap(({ websockets }) => websockets);
    assert.deepEqual(
      [steady?.closedBy, steady?.code, steady?.error, steady?.release],
      ["load", 1000, undefined, "3"],
    );
    assert.deepEqual([steady?.sent, steady?.echoed], [messages, messages]);
    assert.ok(steady?.slowestEcho !== undefined && steady.slowestEcho > 0);
    assert.deepEqual([going?.closedBy, going?.code, going?.echoed], ["server", 1001, 1]);
    assert.equal(going?.error, undefined);
    assert.deepEqual([cut?.closedBy, cut?.code, cut?.echoed], ["server", 1006, 1]);
    for (const one of [going, cut]) {
      assert.ok((one?.openedAt ?? 0) <= (one?.closedAt ?? 0));
      assert.ok((one?.closedAt ?? 0) < (steady?.closedAt ?? 0));
    }
    assert.deepEqual(
      [full?.openedAt, full?.error, full?.release, full?.sent],
      [undefined, "status 503", "3", 0],
    );
    assert.ok(results.every(({ total }) => total === 0));
  });
});

test("the gap is measured while nobody listens, whoever has the port before and after", async (t) => {
  const [before, after] = [answering("1"), answering("2")];
  const port = await listen(t, before);
  const load = startLoad({ ...plain, address, port });
  await served(before, 30);
  before.close();
  before.closeAllConnections();
  const gone = load.now();
  await sleep(500);
  const back = load.now();
  await listen(t, after, port);
  await served(after, 30);
  const result = await load.stop();
  const { gap, failed } = result;
  // A machine that holds up the load holds up the server, too, which then has requests to answer when it goes.
  const tolerance = 45 + result.latestStart;
  assert.ok(gap !== undefined && Math.abs(gap.ms - (back - gone)) < tolerance, JSON.stringify(gap));
  const { refused = 0 } = result.reasons;
  assert.ok(failed > 80 && refused > failed / 2, JSON.stringify(result.reasons));
  const middle = (gap.from + gap.to) / 2;
  assert.deepEqual([result.served(gap.from - 1), result.served(middle)], [true, false]);
  assert.equal(result.between(gap.from, gap.to).failed, failed);
  assert.equal(result.between(gap.to, result.durationMs).failed, 0);
  assert.deepEqual(
    result.turns.map(({ release }) => release),
    ["1", "2"],
  );
  assert.equal(result.mixedMs, 0);
});

/** Answers with nothing but its release. */
function answering(release: string): Server {
  return createServer((request, response) => {
    request.resume();
    response.setHeader("x-release", release).end();
  });
}

/** Until it has answered so many requests. */
async function served(server: Server, requests: number): Promise<void> {
  let count = 0;
  server.on("request", () => (count += 1));
  await until(() => count >= requests);
}

async function until(look: () => boolean): Promise<void> {
  while (!look()) await sleep(10);
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, one) => total + one, 0);
}

function head(length: number): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;
}

function echo(socket: Duplex, onText: () => void): void {
  const read = frameReader();
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    for (const { opcode, payload } of read(chunk)) {
      socket.write(frameOf(opcode, payload, "server"));
      if (opcode === opcodes.text) onText();
      if (opcode === opcodes.close) socket.end();
    }
  });
}

async function listening(t: TestContext, listener: RequestListener): Promise<number> {
  return await listen(t, createServer(listener));
}

async function listen(t: TestContext, server: Server, port = 0): Promise<number> {
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  server.listen(port, address);
  await once(server, "listening");
  return portOf(server.address());
}

async function tcpListening(t: TestContext, serve: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    serve(socket);
  });
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(0, address);
  await once(server, "listening");
  return portOf(server.address());
}

function portOf(bound: AddressInfo | string | null): number {
  assert.ok(bound !== null && typeof bound === "object");
  return bound.port;
}
