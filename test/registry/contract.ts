/** What holds at every registry, the one in memory and the real ones alike. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { describe, test, type TestContext } from "node:test";
import { type Context, createContext } from "../../src/context.ts";
import { isFailure } from "../../src/errors.ts";
import { parseReference } from "../../src/oci/reference.ts";
import type { ReportEvent } from "../../src/process/report.ts";
import { createRegistryClient } from "../../src/registry/client.ts";
import { pushImage } from "../../src/registry/push.ts";
import { indexOf, type TestImage } from "./image.ts";
import type { Login } from "./memory.ts";

export interface RegistryUnderTest {
  /** `127.0.0.1:5000`. */
  readonly host: string;
  /** The login that it takes; absent where it wants none. */
  readonly login?: Login;
}

/** The contract, against the registry that `start` brings up for each test; `wantsLogin` says whether it asks for one. */
export function registryContract(
  name: string,
  { wantsLogin }: { readonly wantsLogin: boolean },
  start: (context: TestContext) => Promise<RegistryUnderTest>,
): void {
  void describe(name, () => {
    void test("an image of two platforms arrives whole, under its own digest", async (t) => {
      const registry = await start(t);
      const image = indexOf(["linux/amd64", "linux/arm64"]);
      const context = await contextFor(t, registry);
      const result = await push(image, `${registry.host}/team/app:1`, context);
      assert.equal(result.digest, image.root.digest);
      assert.equal(result.reference, `${registry.host}/team/app:1`);
      // Two configs, two layers of their own, one that both share.
      assert.deepEqual([result.blobsSent, result.blobsPresent], [5, 0]);
      const held = await createRegistryClient(registry.host, context).manifest("team/app", "1");
      assert.equal(held?.mediaType, image.root.mediaType);
      assert.deepEqual(held?.bytes, Buffer.from(await image.store.read(image.root)));
    });

    void test("what is there is not sent again", async (t) => {
      const registry = await start(t);
      const context = await contextFor(t, registry);
      const amd64 = indexOf(["linux/amd64"]);
      const first = await push(amd64, `${registry.host}/app:1`, context);
      const second = await push(amd64, `${registry.host}/app:1`, context);
      assert.deepEqual([second.blobsSent, second.bytesSent], [0, 0]);
      assert.equal(second.bytesPresent, first.bytesSent);
      const both = await push(
        indexOf(["linux/amd64", "linux/arm64"]),
        `${registry.host}/app:2`,
        context,
      );
      assert.deepEqual([both.blobsSent, both.blobsPresent], [2, 3]);
    });

    void test("a tag moves to the image that was pushed last", async (t) => {
      const registry = await start(t);
      const context = await contextFor(t, registry);
      await push(indexOf(["linux/amd64"]), `${registry.host}/app:1`, context);
      const moved = indexOf(["linux/arm64"]);
      await push(moved, `${registry.host}/app:1`, context);
      const client = createRegistryClient(registry.host, context);
      assert.equal(await client.manifestDigest("app", "1"), moved.root.digest);
    });

    void test("without a tag it is latest; with a digest alone it has no tag", async (t) => {
      const registry = await start(t);
      const context = await contextFor(t, registry);
      const image = indexOf(["linux/amd64"]);
      const client = createRegistryClient(registry.host, context);
      await push(image, `${registry.host}/app@${image.root.digest}`, context);
      assert.equal(await client.manifestDigest("app", image.root.digest), image.root.digest);
      assert.equal(await client.manifest("app", "latest"), undefined);
      await push(image, `${registry.host}/app`, context);
      assert.equal(await client.manifestDigest("app", "latest"), image.root.digest);
    });

    void test("a layer of many chunks is streamed", async (t) => {
      const registry = await start(t);
      const context = await contextFor(t, registry);
      const image = indexOf(["linux/amd64"], { shared: [randomBytes(9_000_001)] });
      const result = await push(image, `${registry.host}/big:1`, context);
      assert.ok(result.bytesSent > 9_000_000);
      assert.equal((await push(image, `${registry.host}/big:1`, context)).bytesSent, 0);
    });

    void test("a layer that another repository holds is mounted, not sent", async (t) => {
      const registry = await start(t);
      const context = await contextFor(t, registry);
      const image = indexOf(["linux/amd64"]);
      await push(image, `${registry.host}/base:1`, context);
      const mounted = await pushImage(
        { ...image, reference: parseReference(`${registry.host}/other:1`), mountFrom: "base" },
        context,
      );
      assert.deepEqual([mounted.bytesSent, mounted.blobsPresent], [0, 3]);
    });

    void test("bytes that are not what their digest says are refused, and nothing gets the name", async (t) => {
      const registry = await start(t);
      const context = await contextFor(t, registry);
      const image = indexOf(["linux/amd64"]);
      const store = {
        ...image.store,
        open: async ({ size }: { readonly size: number }) => Readable.from([Buffer.alloc(size, 7)]),
      };
      await assert.rejects(
        push({ ...image, store }, `${registry.host}/broken:1`, context),
        (error) =>
          isFailure(error, "REGISTRY_REJECTED") && error.facts["code"] === "DIGEST_INVALID",
      );
      const client = createRegistryClient(registry.host, context);
      assert.equal(await client.manifest("broken", "1"), undefined);
    });

    if (!wantsLogin) return;

    void test("who is not logged in is told how", async (t) => {
      const registry = await start(t);
      const context = await contextFor(t, { host: registry.host });
      await assert.rejects(
        push(indexOf(["linux/amd64"]), `${registry.host}/app:1`, context),
        (error) => {
          assert.ok(isFailure(error, "REGISTRY_AUTH"), String(error));
          assert.match(error.hint, new RegExp(`docker login ${registry.host}$`));
          return true;
        },
      );
    });

    void test("a wrong password is called so, and shown nowhere", async (t) => {
      const registry = await start(t);
      const login = { username: registry.login?.username ?? "", password: "Tr0ub4dor&3" };
      const events: ReportEvent[] = [];
      const context = await contextFor(t, { ...registry, login }, events);
      await assert.rejects(
        push(indexOf(["linux/amd64"]), `${registry.host}/app:1`, context),
        (error) => {
          assert.ok(isFailure(error, "REGISTRY_AUTH"), String(error));
          assert.match(error.message, /the stored login was refused/);
          const seen = JSON.stringify([error.message, error.facts, error.stack, events]);
          const encoded = Buffer.from(`${login.username}:${login.password}`).toString("base64");
          assert.ok(!seen.includes(login.password) && !seen.includes(encoded));
          return true;
        },
      );
    });
  });
}

export async function push(image: TestImage, name: string, context: Context) {
  const { store, root } = image;
  const patience = { attempts: 3, firstPauseMs: 1, longestPauseMs: 1000 };
  return await pushImage({ store, root, reference: parseReference(name), patience }, context);
}

/** A context whose docker configuration holds that registry's login. */
export async function contextFor(
  t: TestContext,
  { host, login }: RegistryUnderTest,
  events: ReportEvent[] = [],
): Promise<Context> {
  const directory = await mkdtemp(path.join(tmpdir(), "transship-test-"));
  t.after(async () => await rm(directory, { recursive: true, force: true }));
  const auth =
    login === undefined
      ? undefined
      : Buffer.from(`${login.username}:${login.password}`).toString("base64");
  const auths = auth === undefined ? {} : { [host]: { auth } };
  await writeFile(path.join(directory, "config.json"), JSON.stringify({ auths }));
  return createContext({
    env: { PATH: process.env["PATH"], DOCKER_CONFIG: directory },
    report: (event) => events.push(event),
  });
}
