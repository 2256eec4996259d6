/** Reading an image from a registry: connections that break on the way, and mirrors before it. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { contextFor, push } from "../../test/registry/contract.ts";
import { indexOf } from "../../test/registry/image.ts";
import {
  type MemoryRegistry,
  type MemoryRegistryOptions,
  startMemoryRegistry,
} from "../../test/registry/memory.ts";
import { isFailure } from "../errors.ts";
import { type Descriptor, parseIndex, parseManifest } from "../oci/document.ts";
import { parseReference } from "../oci/reference.ts";
import type { ReportEvent } from "../process/report.ts";
import { registrySource } from "./source.ts";

const layerBytes = 3_000_000;
const layer = randomBytes(layerBytes);
const image = indexOf(["linux/amd64"], { shared: [layer] });
const patience = { attempts: 3, firstPauseMs: 1, longestPauseMs: 1000 };
const blobPath = /\/blobs\/sha256:/;

async function start(t: TestContext, options: MemoryRegistryOptions = {}, holds = image) {
  const registry = await startMemoryRegistry(options);
  t.after(registry.close);
  await push(holds, `${registry.host}/library/app:1`, await contextFor(t, registry));
  registry.requests.length = 0;
  return registry;
}

/** The big layer of the image as that registry, with those mirrors before it, hands it out. */
async function opened(
  t: TestContext,
  registry: Pick<MemoryRegistry, "host">,
  options: Parameters<typeof registrySource>[2] = {},
  events: ReportEvent[] = [],
) {
  const reference = parseReference(`${registry.host}/library/app:1`);
  const context = await contextFor(t, { host: registry.host }, events);
  const { source, root } = await registrySource(reference, context, { patience, ...options });
  assert.ok(root);
  const [manifest] = parseIndex(await source.read(root)).manifests;
  assert.ok(manifest);
  const found = parseManifest(await source.read(manifest)).layers.find(
    ({ size }) => size === layerBytes,
  );
  assert.ok(found);
  return { source, layer: found, read: async () => await buffer(await source.open(found)) };
}

const gets = ({ requests }: MemoryRegistry, { digest }: Descriptor) =>
  requests.filter((line) => line === `GET /v2/library/app/blobs/${digest}`).length;

for (const ranges of ["given", "ignored", "refused", "wrong"] as const) {
  test(`a layer whose connection breaks arrives whole where ranges are ${ranges}`, async (t) => {
    const registry = await start(t, { ranges });
    const events: ReportEvent[] = [];
    const one = await opened(t, registry, {}, events);
    registry.faults.push({ method: "GET", path: blobPath, answer: { cutAfter: 1_000_000 } });
    assert.ok(layer.equals(await one.read()));
    const isAskedTwice = ranges === "refused" || ranges === "wrong";
    assert.equal(gets(registry, one.layer), isAskedTwice ? 3 : 2);
    assert.ok(events.some((event) => event.kind === "detail" && /Going on after/.test(event.text)));
  });
}

test("a connection that breaks again and again is given up", async (t) => {
  const registry = await start(t);
  const one = await opened(t, registry);
  registry.faults.push({ method: "GET", path: blobPath, answer: { cutAfter: 10 }, times: 99 });
  await assert.rejects(one.read(), (error) => isFailure(error, "REGISTRY_UNREACHABLE"));
  assert.equal(gets(registry, one.layer), patience.attempts);
});

test("a registry that falls silent is asked for the rest", async (t) => {
  const registry = await start(t);
  const one = await opened(t, registry, { patience: { ...patience, silenceMs: 200 } });
  registry.faults.push({ method: "GET", path: blobPath, answer: { stallAfter: 1000 } });
  assert.ok(layer.equals(await one.read()));
  assert.equal(gets(registry, one.layer), 2);
});

test("bytes that are not the layer's are refused at their end", async (t) => {
  const registry = await start(t);
  const one = await opened(t, registry);
  registry.blobs.set(one.layer.digest, randomBytes(layerBytes));
  await assert.rejects(one.read(), (error) => isFailure(error, "REGISTRY_CONTENT_WRONG"));
  registry.blobs.set(one.layer.digest, randomBytes(layerBytes + 1));
  await assert.rejects(
    one.read(),
    (error) => isFailure(error, "REGISTRY_CONTENT_WRONG") && /more than/.test(error.message),
  );
});

test("what is read and not wanted any more leaves no connection and no timer", async (t) => {
  const registry = await start(t);
  const one = await opened(t, registry);
  const stream = await one.source.open(one.layer);
  for await (const _ of stream) break;
  assert.ok(stream.destroyed);
});

const address = ({ host }: MemoryRegistry) => new URL(`http://${host}`);

test("a mirror that has the image is asked, and the registry is not", async (t) => {
  const [registry, mirror] = await Promise.all([start(t), start(t)]);
  const one = await opened(t, registry, { mirrors: [address(mirror)] });
  assert.ok(layer.equals(await one.read()));
  assert.deepEqual(registry.requests, []);
});

test("a mirror may answer below a path", async (t) => {
  const [registry, mirror] = await Promise.all([start(t), start(t)]);
  const mirrors = [new URL(`http://${mirror.host}/hub/`)];
  await opened(t, registry, { mirrors });
  assert.equal(mirror.requests[0], "GET /hub/v2/library/app/manifests/1");
});

test("a mirror that lacks the image, or is down, or wants a login, is passed over", async (t) => {
  const login = { username: "ann", password: "correct horse" };
  const empty = await startMemoryRegistry();
  const closed = await startMemoryRegistry({ auth: "basic", login });
  t.after(empty.close);
  t.after(closed.close);
  const gone = await startMemoryRegistry();
  await gone.close();
  const registry = await start(t);
  const mirrors = [gone, empty, closed].map(address);
  const one = await opened(t, registry, { mirrors });
  assert.ok(layer.equals(await one.read()));
  // Only the question for the tag: who does not have the image is not asked for its parts.
  assert.deepEqual([empty.requests.length, closed.requests.length], [1, 1]);
});

test("the registry's login is never shown to a mirror", async (t) => {
  const login = { username: "ann", password: "correct horse" };
  const registry = await startMemoryRegistry({ auth: "basic", login });
  const mirror = await startMemoryRegistry({ auth: "basic", login });
  t.after(registry.close);
  t.after(mirror.close);
  const context = await contextFor(t, { host: registry.host, login });
  await push(image, `${registry.host}/library/app:1`, context);
  const reference = parseReference(`${registry.host}/library/app:1`);
  const mirrors = [address(mirror)];
  const { root } = await registrySource(reference, context, { patience, mirrors });
  assert.equal(root?.digest, image.root.digest);
  assert.equal(mirror.requests.length, 1);
});

test("where a mirror fails in the middle of a layer, the registry gives the rest", async (t) => {
  const [registry, mirror] = await Promise.all([start(t), start(t)]);
  const one = await opened(t, registry, { mirrors: [address(mirror)] });
  mirror.faults.push({ method: "GET", path: blobPath, answer: { cutAfter: 1_000_000 } });
  assert.ok(layer.equals(await one.read()));
  assert.deepEqual([gets(mirror, one.layer), gets(registry, one.layer)], [1, 1]);
});

test("a mirror's wrong bytes are refused, and it is not asked again", async (t) => {
  const [registry, mirror] = await Promise.all([start(t), start(t)]);
  const { source, layer: wanted, read } = await opened(t, registry, { mirrors: [address(mirror)] });
  mirror.blobs.set(wanted.digest, randomBytes(layerBytes));
  await assert.rejects(
    read(),
    (error) =>
      isFailure(error, "REGISTRY_CONTENT_WRONG") && error.facts["registry"] === mirror.host,
  );
  assert.ok(layer.equals(await buffer(await source.open(wanted))));
});

test("a mirror's wrong document is passed over at once", async (t) => {
  const [registry, mirror] = await Promise.all([start(t), start(t)]);
  for (const [name, { mediaType }] of mirror.manifests)
    if (name.includes("@"))
      mirror.manifests.set(name, { mediaType, bytes: Buffer.from('{"schemaVersion":2}') });
  const one = await opened(t, registry, { mirrors: [address(mirror)] });
  assert.ok(layer.equals(await one.read()));
});
