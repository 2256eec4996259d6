/** What the endpoint costs of memory while it is read, and while it is not: in a process of its own (`./streaming.ts`). */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { mostWaiting } from "../../src/ship/endpoint/limits.ts";
import { rawClient, requestText } from "./client.ts";

const program = fileURLToPath(new URL("streaming.ts", import.meta.url));
const gigabyte = 2 ** 30;
const mostAdded = 30_000_000;
const start = z.object({ port: z.number(), blob: z.string(), manifest: z.string() });
const end = z.object({ before: z.number(), most: z.number(), sent: z.number() });

/** @returns bytes that were resident at most, over those before anybody came, and bytes that were sent */
async function watched(
  work: (endpoint: z.infer<typeof start>) => Promise<void>,
): Promise<{ readonly added: number; readonly sent: number }> {
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse(String((await lines.next()).value)) as unknown;
  await work(start.parse(await next()));
  child.stdin.end();
  const { before, most, sent } = end.parse(await next());
  assert.deepEqual(await ended, [0, null]);
  return { added: most - before, sent };
}

/** Takes all that comes, and forgets it. @returns bytes */
async function discard(port: number, target: string): Promise<number> {
  let received = 0;
  const onread = {
    buffer: Buffer.alloc(256 * 1024),
    callback: (bytes: number) => {
      received += bytes;
      return true;
    },
  };
  const socket = connect({ port, host: "127.0.0.1", onread });
  socket.write(requestText(target, { headers: { Connection: "close" } }));
  await once(socket, "close");
  return received;
}

test("a gigabyte to each of four readers at once takes less than 30 MB", async (t) => {
  let seconds = 0;
  const { added, sent } = await watched(async ({ port, blob }) => {
    const began = performance.now();
    const all = [1, 2, 3, 4].map(async () => await discard(port, blob));
    for (const received of await Promise.all(all)) assert.ok(received > gigabyte);
    seconds = (performance.now() - began) / 1000;
  });
  assert.equal(sent, 4 * gigabyte);
  t.diagnostic(`${(sent / 1e9 / seconds).toFixed(2)} GB/s, ${(added / 1e6).toFixed(1)} MB added`);
  assert.ok(added < mostAdded, `${added} bytes were added`);
});

test("ten thousand requests at once of eight clients that read nothing take less than 60 MB", async (t) => {
  const { added } = await watched(async ({ port, blob, manifest }) => {
    const targets = [blob, manifest, "/v2/", "/"];
    const clients = [...targets, ...targets].map(async (target, n) => {
      const client = await rawClient(port);
      client.socket.pause();
      // As many as are answered, then more; or all at once.
      const parts = n < targets.length ? Math.ceil(10_000 / mostWaiting) : 1;
      for (let part = 0; part < parts; part += 1) {
        client.send(requestText(target).repeat(Math.ceil(10_000 / parts)));
        await pause(2);
      }
      return client;
    });
    for (const client of await Promise.all(clients)) client.socket.destroy();
  });
  t.diagnostic(`${(added / 1e6).toFixed(1)} MB added`);
  // Ten times as many take no more: it is what was read at once, and is not collected yet.
  assert.ok(added < 2 * mostAdded, `${added} bytes were added`);
});
