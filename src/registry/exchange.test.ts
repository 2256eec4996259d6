import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { exchange } from "./exchange.ts";

test("an answer before all is sent ends the sending: the source is closed, no timer stays", async (t) => {
  const server = createServer((_request, response) => response.writeHead(413).end());
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");

  const goOn = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  async function* content() {
    yield Buffer.alloc(8);
    await goOn.promise;
    try {
      yield Buffer.alloc(8);
    } finally {
      ended.resolve();
    }
  }
  const before = timers();
  const answer = await exchange(
    {
      method: "PUT",
      url: new URL(`http://127.0.0.1:${address.port}/blob`),
      body: { size: 16, open: content },
    },
    { registry: "registry", signal: AbortSignal.timeout(60_000) },
  );
  assert.equal(answer.status, 413);
  goOn.resolve();
  await ended.promise;
  assert.ok(timers() <= before);
});

test("a body that trickles for longer than a silence may last is given up", async (t) => {
  const server = createServer((_request, response) => {
    const drip = setInterval(() => response.write("."), 10);
    response.on("close", () => clearInterval(drip));
  });
  t.after(() => server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  const url = new URL(`http://127.0.0.1:${address.port}/blob`);
  const signal = AbortSignal.timeout(60_000);
  const options = { registry: "registry", signal, silenceMs: 200 };
  const { body } = await exchange({ method: "GET", url, stream: true }, options);
  assert.ok(body);
  await assert.rejects(async () => {
    for await (const _ of body);
  }, /it sent \d+ bytes in/);
});

/** How many timers keep this process from ending. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
}
