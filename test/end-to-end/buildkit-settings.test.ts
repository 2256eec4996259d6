/** What BuildKit is told: a registry that speaks plain HTTP is reached by builds, and the cache has a limit. */
import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import * as z from "zod";
import { startMemoryRegistry } from "../registry/memory.ts";
import { directory, docker, engineTest, lastFirst, tinyContext, transship } from "./engine.ts";

const document = z
  .object({
    outcome: z.string(),
    steps: z.array(z.object({ id: z.string(), reason: z.string() })),
    checks: z.array(z.object({ id: z.string(), detail: z.string() })),
    cache: z.object({
      bytes: z.number(),
      reclaimableBytes: z.number(),
      limitBytes: z.number().optional(),
    }),
  })
  .partial();

/** An address of this network namespace that is not the loopback's: BuildKit tries plain HTTP there by itself. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const found = all.find(({ family, internal }) => family === "IPv4" && !internal);
  assert.ok(found !== undefined);
  return found.address;
}

engineTest("builds, push and verify reach a plain HTTP registry", async (engine, test) => {
  if (engine.name === "classic") return test.skip("the image store is not asked");
  const context = lastFirst(test);
  const registry = await startMemoryRegistry({ address: "0.0.0.0" });
  context.after(async () => await registry.close());
  const port = registry.host.split(":").at(-1);
  const host = `${ownAddress()}:${port}`;
  const env = { BUILDX_CONFIG: await directory(context) };
  const builder = `settings-${engine.name}`;
  const setup = async (...args: readonly string[]) => {
    const image = ["--buildkit-image", engine.buildkitImage];
    const all = ["setup", "--builder", builder, ...image, "--json", ...args];
    const ended = await transship(all, { env });
    assert.equal(ended.exitCode, 0, ended.stderr);
    const { steps = [], ...rest } = document.parse(JSON.parse(ended.stdout));
    const reason = steps.find(({ id }) => id === "remove-builder")?.reason;
    return { ...rest, ids: steps.map(({ id }) => id), reason };
  };
  context.after(async () => {
    await transship(["setup", "--builder", builder, "--remove"], { env });
  });
  const store = await directory(context);
  const build = async (image: string, sources: string, ...args: readonly string[]) =>
    await transship(
      ["build", "-i", image, "-c", sources, "--builder", builder, "--store", store, ...args],
      { env },
    );
  const buildOnIt = async () => {
    const lines = `FROM ${host}/base:1\nENV ON=it\n`;
    return await build("on-it:1", await directory(context, { Dockerfile: lines }), "--no-load");
  };

  const untouched = await setup();
  // Older releases of buildx do not tell BuildKit's rules.
  const own = engine.name === "oldest" ? undefined : 50e9;
  assert.equal(untouched.cache?.limitBytes, own);
  const file = ["exec", `buildx_buildkit_${builder}0`, "cat", "/etc/buildkit/buildkitd.toml"];
  assert.match(await docker(...file), /maxUsedSpace = 50000000000/);
  const sources = await directory(context, tinyContext());
  const push = async (to: string) =>
    await build("base:1", sources, "--push", "--registry", to, "--no-load");
  const verify = async () => await transship(["verify", `docker://${host}/base:1`], { env });
  const refused = await push(host);
  assert.equal(refused.exitCode, 4);
  assert.match(refused.stderr, /\[REGISTRY_PLAIN_HTTP\][^]*transship setup --registry-http/);
  const base = await push(`http://${host}`);
  assert.equal(base.exitCode, 0, base.stderr);
  assert.equal((await verify()).exitCode, 4);
  const untold = await buildOnIt();
  assert.notEqual(untold.exitCode, 0);
  assert.match(untold.stderr, /HTTP response to HTTPS client/);

  const told = await setup("--registry-http", host);
  assert.deepEqual(told.ids, ["write-configuration", "remove-builder", "create-builder"]);
  assert.match(told.reason ?? "", /another configuration; its cache is kept/);
  const built = await buildOnIt();
  assert.equal(built.exitCode, 0, built.stderr);
  assert.equal((await setup()).outcome, "unchanged");
  assert.equal((await push(host)).exitCode, 0);
  assert.equal((await verify()).exitCode, 0);

  const limited = await setup("--cache-size", "5GB");
  assert.match(limited.checks?.find(({ id }) => id === "cache")?.detail ?? "", /below 5\.00 GB$/);
  assert.ok((limited.cache?.bytes ?? 0) > 0);
  assert.equal(limited.cache?.limitBytes, 5e9);
  const written = await docker(...file);
  assert.match(written, /maxUsedSpace = 5000000000/);
  assert.ok(written.includes(host), "what no flag names stays as it is");

  const forgotten = await setup("--registry-forget", host, "--cache-size", "default");
  assert.equal(forgotten.cache?.limitBytes, own);
  const rest = await docker(...file);
  assert.ok(!rest.includes(host));
  assert.match(rest, /maxUsedSpace = 50000000000/);
});
