/** Pushes to Debian's docker-registry: what holds at every registry, and connections that are cut at random bytes. */
import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { Readable } from "node:stream";
import { digestOf } from "../../src/oci/digest.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { createRegistryClient } from "../../src/registry/client.ts";
import { pushImage } from "../../src/registry/push.ts";
import { createTransport } from "../../src/registry/transport.ts";
import { uploadBlob } from "../../src/registry/upload.ts";
import { contextFor, push, registryContract } from "../registry/contract.ts";
import { type Cutter, type CutterOptions, startCutter } from "../registry/cutter.ts";
import { indexOf } from "../registry/image.ts";
import { type CleanUp, engineTest, engineUnderTest, lastFirst, type TestEngine } from "./engine.ts";
import { harbour, keeper } from "./harbour.ts";

const million = 1_000_000;

if (engineUnderTest !== undefined) {
  const engine = engineUnderTest;
  registryContract("docker-registry", { wantsLogin: false }, async (t) => ({
    host: (await harbour(engine, clean(t))).host,
  }));
  registryContract("docker-registry with a login", { wantsLogin: true }, async (t) => ({
    host: (await harbour(engine, clean(t), { wantsLogin: true })).host,
    login: keeper,
  }));
}

/** Gone when the test ends, whatever else is to be. */
function clean(t: { after(undo: () => Promise<void>): void }): CleanUp {
  return { after: (undo) => t.after(undo) };
}

async function cutter(
  engine: TestEngine,
  context: CleanUp,
  options: Omit<CutterOptions, "to">,
): Promise<Cutter> {
  const { host } = await harbour(engine, context);
  const proxy = await startCutter({ to: host, ...options });
  context.after(proxy.close);
  return proxy;
}

/** So many cuts, each anywhere in as many bytes. */
function cuts(count: number, within: number): Iterator<number> {
  return Array.from({ length: count }, () => randomInt(1, within)).values();
}

engineTest("a push whose connections are cut arrives whole", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const proxy = await cutter(engine, context, { after: cuts(4, 3 * million) });
  const layers = [1, 2, 3, 4, 5, 6].map((n) => randomBytes(n * million));
  const image = indexOf(["linux/amd64"], { shared: layers });
  const patience = { attempts: 6, firstPauseMs: 50, longestPauseMs: 1000 };
  const reference = parseReference(`${proxy.host}/app:1`);
  const runContext = await contextFor(testContext, { host: proxy.host });
  const first = await pushImage({ ...image, reference, patience }, runContext);
  assert.equal(first.digest, image.root.digest);
  assert.ok(proxy.cuts() >= 1);
  const before = proxy.received();
  const second = await push(image, `${proxy.host}/app:1`, runContext);
  assert.equal(second.bytesSent, 0);
  assert.ok(proxy.received() - before < 100_000);
});

engineTest(
  "an upload that breaks off behind a proxy goes on at the registry's offset",
  async (engine, testContext) => {
    const context = lastFirst(testContext);
    const count = 5;
    const after = cuts(count, 2 * million);
    const proxy = await cutter(engine, context, { after, isBuffering: true });
    const bytes = randomBytes(12 * million);
    const digest = digestOf(bytes);
    const runContext = await contextFor(testContext, { host: proxy.host });
    const client = createRegistryClient(proxy.host, runContext, { plainHttp: true });
    const transport = createTransport({
      registry: proxy.host,
      signal: runContext.signal,
      report: () => {},
      plainHttp: true,
      credentials: async () => ({ kind: "none", reason: "a test has none" }),
      patience: { attempts: 6, firstPauseMs: 50, longestPauseMs: 1000 },
    });
    await uploadBlob(transport, {
      repository: "app",
      blob: { digest, size: bytes.length, open: async () => Readable.from([bytes]) },
      scope: [],
      chunks: { areTaken: true, size: million },
      isThere: async () => await client.hasBlob("app", digest),
    });
    assert.ok(await client.hasBlob("app", digest));
    assert.ok(proxy.cuts() >= 1);
    // Each cut costs a chunk at most, and the heads of some requests.
    const most = bytes.length + proxy.cuts() * million + 100_000;
    assert.ok(proxy.received() <= most, `${proxy.received()} bytes, ${proxy.cuts()} cuts`);
  },
);

engineTest("what one run has sent the next does not", async (engine, testContext) => {
  const context = lastFirst(testContext);
  const { host } = await harbour(engine, context);
  const image = indexOf(["linux/amd64"], {
    shared: [9, 8, 7, 6, 5, 4].map((n) => randomBytes(n * million)),
  });
  const reference = parseReference(`${host}/app:1`);
  const runContext = await contextFor(testContext, { host });
  const end = new AbortController();
  let done = 0;
  const listener = {
    planned: () => {},
    sent: () => {},
    done() {
      done += 1;
      if (done === 3) end.abort(new Error("killed"));
    },
  };
  const broken = { ...runContext, signal: end.signal };
  await assert.rejects(pushImage({ ...image, reference, listener }, broken), /killed/);
  const second = await pushImage({ ...image, reference }, runContext);
  assert.ok(second.blobsPresent >= 3, `${second.blobsPresent} were there`);
  assert.equal(second.digest, image.root.digest);
});
