/** The contract at the registry in memory, which asks for logins in each of its ways; then what only it can be made to do. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { test, type TestContext } from "node:test";
import { fail, isFailure } from "../errors.ts";
import { createContext } from "../context.ts";
import { parseReference } from "../oci/reference.ts";
import { contextFor, push, registryContract } from "../../test/registry/contract.ts";
import { indexOf } from "../../test/registry/image.ts";
import { planPush, pushImage, type PushListener } from "./push.ts";
import { type MemoryRegistryOptions, startMemoryRegistry } from "../../test/registry/memory.ts";

const login = { username: "ann", password: "correct horse" };

registryContract("an open registry", { wantsLogin: false }, async (t) => {
  const registry = await startMemoryRegistry();
  t.after(registry.close);
  return registry;
});

for (const auth of ["basic", "bearer"] as const) {
  registryContract(`a registry that asks by ${auth}`, { wantsLogin: true }, async (t) => {
    const registry = await startMemoryRegistry({ auth, login });
    t.after(registry.close);
    return { host: registry.host, login };
  });
}

async function start(t: TestContext, options: MemoryRegistryOptions = {}) {
  const registry = await startMemoryRegistry(options);
  t.after(registry.close);
  return registry;
}

const image = indexOf(["linux/amd64", "linux/arm64"]);

test("one token serves a whole push", async (t) => {
  const registry = await start(t, { auth: "bearer", login });
  await push(image, `${registry.host}/app:1`, await contextFor(t, { ...registry, login }));
  const asked = registry.requests.filter((line) => line.startsWith("GET /token"));
  assert.equal(asked.length, 1);
  assert.match(asked[0] ?? "", /scope=repository%3Aapp%3Apull%2Cpush/);
});

test("a token that ends on the way is renewed", async (t) => {
  const registry = await start(t, { auth: "bearer", login, tokenSeconds: 1 });
  const context = await contextFor(t, { ...registry, login });
  assert.equal((await push(image, `${registry.host}/app:1`, context)).digest, image.root.digest);
});

test("a token that the registry no longer knows is won anew", async (t) => {
  const registry = await start(t, { auth: "bearer", login });
  const context = await contextFor(t, { ...registry, login });
  let isRevoked = false;
  const store = {
    ...image.store,
    open: async (blob: typeof image.root) => {
      if (!isRevoked) registry.revokeTokens();
      isRevoked = true;
      return await image.store.open(blob);
    },
  };
  const result = await push({ ...image, store }, `${registry.host}/app:1`, context);
  assert.equal(result.digest, image.root.digest);
});

test("an identity token is exchanged by POST, and stands in no address", async (t) => {
  const registry = await start(t, { auth: "bearer", identityToken: "refresh-me" });
  const { runner, signal, report } = createContext();
  const auths = { [registry.host]: { auth: "", identitytoken: "refresh-me" } };
  const env = { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) };
  const context = { ...createContext(), runner, signal, report, env };
  assert.equal((await push(image, `${registry.host}/app:1`, context)).digest, image.root.digest);
  assert.ok(registry.requests.includes("POST /token"));
  assert.ok(!registry.requests.some((line) => line.includes("refresh-me")));
});

test("a login without the right to push is told so", async (t) => {
  for (const auth of ["basic", "bearer"] as const) {
    const registry = await start(t, { auth, login, readOnly: ["app"] });
    const context = await contextFor(t, { ...registry, login });
    await assert.rejects(
      push(image, `${registry.host}/app:1`, context),
      (error) => isFailure(error, "REGISTRY_DENIED") && error.facts["repository"] === "app",
    );
  }
});

test("a registry that is busy is asked again", async (t) => {
  const registry = await start(t);
  const context = await contextFor(t, registry);
  registry.faults.push(
    { method: "HEAD", path: /blobs/, answer: 503, times: 2 },
    { method: "POST", path: /uploads/, answer: 429, headers: { "retry-after": "0" } },
    { method: "PUT", path: /manifests/, answer: 502, body: "<html>Bad Gateway</html>" },
  );
  assert.equal((await push(image, `${registry.host}/app:1`, context)).blobsSent, 5);
});

test("a registry that stays down is an error with its own words", async (t) => {
  const registry = await start(t);
  const context = await contextFor(t, registry);
  const body = JSON.stringify({ errors: [{ code: "UNAVAILABLE", message: "disk is full." }] });
  registry.faults.push({ method: "POST", path: /uploads/, answer: 503, body, times: 99 });
  await assert.rejects(push(image, `${registry.host}/app:1`, context), (error) => {
    assert.ok(isFailure(error, "REGISTRY_REJECTED"));
    assert.match(error.message, /UNAVAILABLE: disk is full\.$/);
    return true;
  });
});

test("a registry that wants an hour is not waited for", async (t) => {
  const registry = await start(t);
  const context = await contextFor(t, registry);
  registry.faults.push({
    method: "HEAD",
    path: /blobs/,
    answer: 429,
    headers: { "retry-after": "3600" },
    times: 99,
  });
  await assert.rejects(
    push(image, `${registry.host}/app:1`, context),
    (error) => isFailure(error, "REGISTRY_REJECTED") && error.facts["status"] === 429,
  );
});

test("an upload whose connection is cut is sent again", async (t) => {
  const registry = await start(t);
  const context = await contextFor(t, registry);
  registry.faults.push({ method: "PUT", path: /uploads/, answer: "cut", times: 2 });
  assert.equal((await push(image, `${registry.host}/app:1`, context)).digest, image.root.digest);
});

test("an upload whose answer was lost is not sent twice", async (t) => {
  const registry = await start(t);
  const context = await contextFor(t, registry);
  registry.faults.push({ method: "PUT", path: /uploads/, answer: "cut", afterwards: true });
  const result = await push(indexOf(["linux/amd64"]), `${registry.host}/app:1`, context);
  assert.equal(result.blobsSent, 2);
  assert.equal(registry.requests.filter((line) => /^PUT .*uploads/.test(line)).length, 3);
});

test("what is too large for a proxy goes in chunks", async (t) => {
  const limit = 16 * 1024 * 1024;
  const registry = await start(t, { bodyLimit: limit });
  const context = await contextFor(t, registry);
  const layer = randomBytes(2 * limit);
  const big = indexOf(["linux/amd64"], { shared: [layer] });
  await push(big, `${registry.host}/app:1`, context);
  assert.equal(registry.requests.filter((line) => line.startsWith("PATCH")).length, 2);
  assert.ok([...registry.blobs.values()].some((blob) => blob.equals(layer)));
});

test("a listener is told of what is missing, of each byte, and of each blob's end", async (t) => {
  const registry = await start(t);
  const context = await contextFor(t, registry);
  await push(indexOf(["linux/amd64"]), `${registry.host}/app:1`, context);
  const missing: number[] = [];
  const done: string[] = [];
  let sent = 0;
  const listener: PushListener = {
    planned: (plan) => missing.push(plan.missing.length, plan.present.length),
    sent: (_digest, bytes) => (sent += bytes),
    done: (digest) => done.push(digest),
  };
  const reference = parseReference(`${registry.host}/app:2`);
  const result = await pushImage({ ...image, reference, listener }, context);
  assert.deepEqual([missing, done.length, sent], [[2, 3], 2, result.bytesSent]);
});

test("what would be sent can be asked without sending", async (t) => {
  const registry = await start(t);
  const context = await contextFor(t, registry);
  const reference = parseReference(`${registry.host}/app:1`);
  const { missing, present } = await planPush({ ...image, reference }, context);
  assert.deepEqual([missing.length, present.length, registry.blobs.size], [5, 0, 0]);
});

test("an interrupt ends a push at once, with its own reason", async (t) => {
  const registry = await start(t);
  const interruption = new AbortController();
  const context = { ...(await contextFor(t, registry)), signal: interruption.signal };
  const store = {
    ...image.store,
    open: async () => {
      interruption.abort(fail("INTERRUPTED", { signal: "SIGINT" }));
      return await new Promise<never>(() => {});
    },
  };
  await assert.rejects(push({ ...image, store }, `${registry.host}/app:1`, context), (error) =>
    isFailure(error, "INTERRUPTED"),
  );
});

test("a host where nothing listens is not tried five times", async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => {
    taken.once("listening", resolve);
  });
  const address = taken.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  await new Promise((resolve) => {
    taken.close(resolve);
  });
  const host = `127.0.0.1:${port}`;
  await assert.rejects(
    push(image, `${host}/app:1`, await contextFor(t, { host })),
    (error) =>
      isFailure(error, "REGISTRY_UNREACHABLE") && /nothing listens there/.test(error.message),
  );
});

test("a digest that is not the image's is no name for it", async (t) => {
  const reference = parseReference(`127.0.0.1:1/app@sha256:${"0".repeat(64)}`);
  await assert.rejects(
    push(
      image,
      `127.0.0.1:1/app@${reference.digest}`,
      await contextFor(t, { host: "127.0.0.1:1" }),
    ),
    (error) => isFailure(error, "REFERENCE_INVALID"),
  );
});
