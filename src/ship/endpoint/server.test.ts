/** What bounds those who ask: the size of what they send, their number, and how long they may take. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { connect as connectTls } from "node:tls";
import { test } from "node:test";
import {
  ask,
  exchange,
  rawClient,
  type RawClient,
  readAnswers,
  requestText,
} from "../../../test/ship/client.ts";
import {
  type LiveEndpoint,
  openFiles,
  servedEndpoint,
  tellsOpenFiles,
} from "../../../test/ship/live-endpoint.ts";
import { waitFor } from "../../process/wait.ts";
import { mostHeaders, mostWaiting } from "./limits.ts";

/** More than the buffers of two sockets hold, so that a reader that stops is felt. */
const large = 16_000_000;
const skipsFiles = {
  skip: tellsOpenFiles ? false : "the system does not tell which files are open",
};

async function becomes(what: string, look: () => boolean): Promise<void> {
  await waitFor(async () => look() || undefined, {
    what,
    deadlineMs: 20_000,
    everyMs: 2,
    mostMs: 20,
    signal: new AbortController().signal,
  });
}

const statuses = (bytes: Buffer) => readAnswers(bytes).map(({ status }) => status);

test("a head that is too large, or has too many headers", async (t) => {
  const { port } = await servedEndpoint(t);
  const long = "a".repeat(9_000);
  const header = requestText("/v2/", { headers: { "X-Long": long } });
  assert.deepEqual(statuses(await exchange(port, header)), [431]);
  assert.deepEqual(statuses(await exchange(port, requestText(`/v2/?${long}`))), [431]);
  const many = Object.fromEntries(Array.from({ length: mostHeaders }, (_, n) => [`X-${n}`, ""]));
  assert.deepEqual(statuses(await exchange(port, requestText("/v2/", { headers: many }))), [431]);
  // Those behind what is kept of them count as well.
  const hidden = { ...many, "Content-Length": "5" };
  const text = requestText("/v2/", { headers: hidden });
  assert.deepEqual(statuses(await exchange(port, `${text}hello`)), [431]);
});

const nonsense: Readonly<Record<string, string>> = {
  "no request at all": "hello\r\n\r\n",
  "a NUL in the target": "GET /v2/\0 HTTP/1.1\r\nHost: a\r\n\r\n",
  "a line feed in the target": "GET /v2/\n HTTP/1.1\r\nHost: a\r\n\r\n",
  "a NUL in a header": "GET /v2/ HTTP/1.1\r\nHost: a\r\nRange: by\0tes\r\n\r\n",
  "a header that goes on": "GET /v2/ HTTP/1.1\r\nHost: a\r\n b\r\nA b: c\r\n\r\n",
  "a head that is longer than itself": "GET /v2/ HTTP/1.1\r\nContent-Length: -1\r\nHost: a\r\n\r\n",
  "a length and chunks":
    "GET /v2/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
  "a version that there is not": "GET /v2/ HTTP/9.9\r\nHost: a\r\n\r\n",
  "no host": "GET /v2/ HTTP/1.1\r\n\r\n",
  "two hosts in one request": "GET /v2/ HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
};
for (const [name, text] of Object.entries(nonsense)) {
  test(`${name} is a bad request`, async (t) => {
    const { port, failures } = await servedEndpoint(t);
    const client = await rawClient(port);
    client.send(text);
    await client.until(1);
    client.socket.end();
    assert.deepEqual(statuses(await client.ended()), [400]);
    assert.deepEqual(failures, []);
  });
}

test("an engine that tries TLS first is told in plain words", async (t) => {
  const { port } = await servedEndpoint(t);
  const tls = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
  const error = await new Promise<unknown>((resolve) => {
    tls.once("error", resolve);
  });
  // OpenSSL's word for an answer that is no TLS; Go looks for the letters "HTTP/" in it.
  assert.match(String(error), /wrong version number|packet length too long|http/i);
  tls.destroy();
});

test("a head that trickles in is not waited for", async (t) => {
  const { port } = await servedEndpoint(t, { limits: { requestMs: 80 } });
  const client = await rawClient(port);
  const timer = setInterval(() => client.send("X"), 5);
  client.send("GET /v2/ HTTP/1.1\r\n");
  const received = await client.ended();
  clearInterval(timer);
  assert.deepEqual(statuses(received), [408]);
});

test("whoever says nothing is let go", async (t) => {
  const { port } = await servedEndpoint(t, { limits: { requestMs: 80 } });
  const client = await rawClient(port);
  assert.deepEqual(statuses(await client.ended()), [408]);
});

test("whoever has no more to ask is let go", async (t) => {
  const { port, base } = await servedEndpoint(t, { limits: { waitMs: 50 } });
  const client = await rawClient(port);
  client.send(requestText(`${base}manifests/latest`));
  assert.deepEqual(statuses(await client.ended()), [200]);
});

test("who is refused and goes on talking is cut", async (t) => {
  const { port } = await servedEndpoint(t);
  const client = await rawClient(port);
  client.send("\0\0");
  const timer = setInterval(() => client.send("\0".repeat(1000)), 2);
  const received = await client.ended();
  clearInterval(timer);
  assert.deepEqual(statuses(received), [400]);
});

test("who is refused and never hangs up is let go", skipsFiles, async (t) => {
  const { port } = await servedEndpoint(t, { limits: { requestMs: 60 } });
  const client = await rawClient(port, { allowHalfOpen: true });
  const both = openFiles("socket:").length;
  client.send("\0\0");
  // 408 where the machine stood still meanwhile.
  assert.match((await client.until(1)).toString(), /^HTTP\/1\.1 40[08] /);
  await becomes("the end", () => openFiles("socket:").length < both);
  client.socket.destroy();
});

/** A client that has begun to take a large blob, and stopped. */
async function stalled({ port, base, more, zeros }: LiveEndpoint): Promise<RawClient> {
  const client = await rawClient(port);
  const [digest] = [...more, ...zeros];
  client.send(requestText(`${base}blobs/${digest}`, { headers: { Connection: "close" } }));
  await client.until(1000);
  client.socket.pause();
  return client;
}

test("of more connections than are served, those go on that are under way", async (t) => {
  const live = await servedEndpoint(t, { zeros: [large], limits: { connections: 2 } });
  const clients = [await stalled(live), await stalled(live)];
  const third = await rawClient(live.port);
  third.send(requestText(`${live.base}manifests/latest`));
  assert.equal((await third.ended()).length, 0);
  for (const client of clients) {
    client.socket.resume();
    const [answer] = readAnswers(await client.ended());
    assert.equal(answer?.body.length, large);
  }
  assert.equal((await ask(live.port, `${live.base}manifests/latest`)).status, 200);
});

test("strangers do not keep the engine out", async (t) => {
  const live = await servedEndpoint(t, { zeros: [large], limits: { connections: 3 } });
  const engine = await stalled(live);
  const strangers = await Promise.all([1, 2].map(async () => await rawClient(live.port)));
  for (const stranger of strangers) {
    stranger.send(requestText("/v2/"));
    assert.deepEqual(statuses(await stranger.until(1)), [200]);
  }
  // The place of the one that came first.
  assert.equal((await ask(live.port, `${live.base}manifests/latest`)).status, 200);
  await strangers[0]?.ended();
  assert.equal(strangers[1]?.socket.closed, false);
  engine.socket.resume();
  assert.equal(readAnswers(await engine.ended())[0]?.body.length, large);
});

test("requests that come at once are answered in their order", async (t) => {
  const { port, base, parts, zeros } = await servedEndpoint(t, { zeros: [3_000_000, 0] });
  const { root, manifests } = parts;
  const first = manifests[0]?.descriptor.digest;
  const asked = [
    ["GET", `${base}blobs/${zeros[0]}`],
    ["HEAD", `${base}blobs/${zeros[0]}`],
    ["GET", "/v2/"],
    ["GET", `${base}blobs/${zeros[1]}`],
    ["GET", `${base}manifests/latest`],
    ["GET", `${base}tags/list`],
    ["GET", `${base}manifests/${first}`],
    ["DELETE", `${base}manifests/${first}`],
    ["GET", "/v2/"],
  ] as const;
  const text = asked.map(([method, target]) => requestText(target, { method })).join("");
  const answers = readAnswers(await exchange(port, text));
  // After what is refused comes nothing.
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200, 200, 404, 200, 405],
  );
  assert.equal(answers[0]?.body.length, 3_000_000);
  assert.deepEqual(answers[4]?.body, Buffer.from(root.bytes));
  assert.deepEqual(answers[6]?.body, Buffer.from(manifests[0]?.bytes ?? []));
});

test("nonsense behind requests is refused after their answers", async (t) => {
  const { port, base, zeros } = await servedEndpoint(t, { zeros: [1_000_000] });
  const text = requestText(`${base}blobs/${zeros[0]}`) + requestText(`${base}manifests/latest`);
  assert.deepEqual(statuses(await exchange(port, `${text}\0\r\n\r\n`)), [200, 200, 400]);
});

test(
  "more requests at once than an engine ever has, and none is read: the end",
  skipsFiles,
  async (t) => {
    const live = await servedEndpoint(t, { zeros: [large] });
    const { port, base, zeros, directory } = live;
    const client = await rawClient(port);
    client.socket.pause();
    const most = requestText(`${base}blobs/${zeros[0]}`).repeat(mostWaiting);
    client.send(most);
    await becomes("the answer", () => live.sent.length > 0);
    // However many wait, one file is open.
    assert.equal(openFiles(directory).length, 1);
    for (let n = 0; n < 10_000 / mostWaiting; n += 1) client.send(most);
    await becomes("the end", () => openFiles(directory).length === 0);
    client.socket.resume();
    await client.ended();
  },
);

test("a reader that has stopped for ever is let go, and its file closed", skipsFiles, async (t) => {
  // Where the machine itself stands still for so long, it is tried again.
  for (let idleMs = 100; idleMs < 20_000; idleMs *= 2) {
    const live = await servedEndpoint(t, { zeros: [large], limits: { idleMs } });
    const client = await stalled(live);
    if (openFiles(live.directory).length === 0) continue;
    await becomes("the end", () => openFiles(live.directory).length === 0);
    client.socket.resume();
    assert.ok((await client.ended()).length < large);
    assert.deepEqual(live.failures, []);
    return;
  }
  assert.fail("the machine stood still too often");
});

test("a slow reader gets all of it, and nothing that was read for what comes later", async (t) => {
  const idleMs = 160;
  const bytes = randomBytes(large);
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const live = await servedEndpoint(t, { more: [bytes], limits: { idleMs } });
    const client = await stalled(live);
    const longest = await readSlowly(client, 10, idleMs / 8);
    // The machine itself stood still.
    if (longest > idleMs / 2) continue;
    const [answer] = readAnswers(await client.ended());
    assert.ok(answer?.body.equals(bytes));
    return;
  }
  assert.fail("the machine stood still too often");
});

/** Reads so many times for a moment, with such pauses between. @returns the longest pause that came of it */
async function readSlowly(client: RawClient, times: number, pauseMs: number): Promise<number> {
  let longest = 0;
  for (let n = 0; n < times && !client.socket.closed; n += 1) {
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    longest = Math.max(longest, performance.now() - start);
    client.socket.resume();
    await client.until(client.received.length + 1);
    client.socket.pause();
  }
  client.socket.resume();
  return longest;
}

test("clients that go away in the middle leave nothing open", skipsFiles, async (t) => {
  const live = await servedEndpoint(t, { zeros: [large] });
  for (let n = 0; n < 20; n += 1) {
    const client = await stalled(live);
    if (n % 2 === 0) client.socket.destroy();
    else client.socket.resetAndDestroy();
  }
  await becomes("the end", () => openFiles(live.directory).length === 0);
  assert.deepEqual(live.failures, []);
});

test("closing ends what is under way, and closes every file", skipsFiles, async (t) => {
  const live = await servedEndpoint(t, { zeros: [large] });
  const clients = [await stalled(live), await stalled(live), await rawClient(live.port)];
  const refused = await rawClient(live.port);
  refused.send(requestText("127.0.0.1:22", { method: "CONNECT" }));
  await refused.until(1);
  await live.endpoint.close();
  assert.deepEqual(openFiles(live.directory), []);
  for (const client of [...clients, refused]) {
    client.socket.resume();
    await client.ended();
  }
});
