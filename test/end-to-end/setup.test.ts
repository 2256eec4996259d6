import assert from "node:assert/strict";
import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { directory, docker, engineTest, lastFirst, type TestEngine, transship } from "./engine.ts";

const document = z.object({
  outcome: z.string(),
  steps: z.array(z.object({ id: z.string(), reason: z.string() })),
  checks: z.array(z.object({ id: z.string(), status: z.string(), detail: z.string() })),
  platforms: z.array(z.object({ platform: z.string(), execution: z.string() })),
});

/** A `transship setup` whose builders are this test's own, and its files. */
async function bench(engine: TestEngine, test: Parameters<Parameters<typeof engineTest>[1]>[1]) {
  const context = lastFirst(test);
  const buildx = await directory(context);
  const env = { BUILDX_CONFIG: buildx };
  const builder = `setup-${engine.name}`;
  const setup = async (...args: readonly string[]) => {
    const image = args.includes("--buildkit-image")
      ? []
      : ["--buildkit-image", engine.buildkitImage];
    const ended = await transship(["setup", "--builder", builder, ...image, "--json", ...args], {
      env,
    });
    return { ...ended, ...document.partial().parse(JSON.parse(ended.stdout)) };
  };
  context.after(async () => {
    await transship(["setup", "--builder", builder, "--remove"], { env });
  });
  return { setup, env, builder, file: path.join(buildx, "instances", builder) };
}

const ids = (steps: readonly { readonly id: string }[] | undefined) =>
  (steps ?? []).map(({ id }) => id);

engineTest(
  "setup makes the builder, then has nothing to do, then mends it",
  async (engine, context) => {
    const { setup, builder, file } = await bench(engine, context);
    const first = await setup();
    assert.equal(first.exitCode, 0, first.stderr);
    assert.deepEqual(ids(first.steps), ["write-configuration", "create-builder"]);
    assert.match(first.stderr, /\$ docker buildx create --name /);
    assert.deepEqual(
      first.platforms?.map(({ platform, execution }) => `${platform} ${execution}`),
      ["linux/amd64 native", "linux/arm64 emulated"],
    );
    assert.ok(
      first.checks?.every(({ status }) => status === "pass" || status === "warn"),
      first.stdout,
    );

    const second = await setup();
    assert.equal(second.outcome, "unchanged");
    assert.equal(second.stderr, "");

    await docker("stop", `buildx_buildkit_${builder}0`);
    assert.deepEqual(ids((await setup()).steps), ["start-builder"]);

    await docker("rm", "--force", `buildx_buildkit_${builder}0`);
    assert.deepEqual(ids((await setup()).steps), ["start-builder"]);

    const other = await setup("--platform", "linux/amd64");
    assert.deepEqual(ids(other.steps), ["remove-builder", "create-builder"]);
    assert.match(other.steps?.[0]?.reason ?? "", /another configuration; its cache is kept/);

    await writeFile(
      file,
      (await readFile(file, "utf8")).replace(
        /"Endpoint":"[^"]*"/,
        '"Endpoint":"unix:///nowhere/docker.sock"',
      ),
    );
    const revived = await setup("--platform", "linux/amd64");
    assert.equal(revived.exitCode, 0, revived.stderr);
    assert.deepEqual(ids(revived.steps), ["remove-builder", "create-builder"]);

    assert.equal((await setup("--remove")).outcome, "removed");
    assert.equal(await docker("ps", "-a", "--filter", `name=buildx_buildkit_${builder}`, "-q"), "");
  },
);

engineTest(
  "an image of BuildKit that cannot be had: the engine's own serves, and what is lost is said",
  async (engine, context) => {
    const { setup, builder } = await bench(engine, context);
    const ended = await setup("--buildkit-image", "127.0.0.1:9/none:1");
    assert.equal(ended.outcome, "engine");
    assert.match(ended.stderr, /warning: BuildKit's image cannot be had/);
    assert.equal(await docker("ps", "-a", "--filter", `name=buildx_buildkit_${builder}`, "-q"), "");
  },
);

engineTest("a dry run changes nothing", async (engine, context) => {
  const { setup, builder } = await bench(engine, context);
  const ended = await setup("--dry-run");
  assert.equal(ended.outcome, "planned");
  assert.match(ended.stderr, /docker buildx create/);
  assert.equal(await docker("ps", "-a", "--filter", `name=buildx_buildkit_${builder}`, "-q"), "");
});

const bad: readonly (readonly [
  string,
  readonly string[],
  Readonly<Record<string, string>>,
  string,
  number,
])[] = [
  ["no engine", [], { DOCKER_HOST: "unix:///nowhere/docker.sock" }, "ENGINE_UNREACHABLE", 4],
  ["wrong context", [], { DOCKER_HOST: "", DOCKER_CONTEXT: "nowhere" }, "CONTEXT_UNKNOWN", 4],
  ["no docker", [], { PATH: "/nowhere" }, "DOCKER_MISSING", 4],
  ["the engine's own builder", ["--builder", "default"], {}, "BUILDER_NAME_RESERVED", 2],
  ["no place of its own", [], { XDG_CACHE_HOME: "/dev/null" }, "CACHE_NOT_WRITABLE", 4],
  ["unknown platform", ["--platform", "linux/vax"], {}, "PLATFORM_UNKNOWN", 2],
];

for (const [name, args, env, code, exitCode] of bad) {
  engineTest(`setup with ${name}: ${code}`, async (_engine, context) => {
    const BUILDX_CONFIG = await directory(context);
    const ended = await transship(["setup", ...args], { env: { BUILDX_CONFIG, ...env } });
    assert.equal(ended.exitCode, exitCode, ended.stderr);
    assert.match(ended.stderr, new RegExp(`error\\[${code}\\]: .+\\n  → .+`));
  });
}

engineTest(
  "of setups at once one makes the builder, and one changes it",
  async (engine, context) => {
    if (engine.name === "classic") return context.skip("the image store is not asked");
    const { setup, builder } = await bench(engine, context);
    for (const args of [[], ["--cache-size", "1GB"], ["--recreate"]]) {
      const runs = await Promise.all([setup(...args), setup(...args), setup(...args)]);
      for (const { exitCode, stderr } of runs) assert.equal(exitCode, 0, stderr);
      const changes = runs.filter(({ outcome }) => outcome === "changed");
      assert.equal(changes.length, args.includes("--recreate") ? 3 : 1);
      const containers = await docker("ps", "--all", "--quiet", "--filter", `name=${builder}`);
      assert.equal(containers.split("\n").length, 1);
    }
    assert.equal((await setup()).outcome, "unchanged");
  },
);

engineTest("a BuildKit that is just being started is waited for", async (engine, context) => {
  if (engine.name === "classic") return context.skip("the image store is not asked");
  const { setup, builder } = await bench(engine, context);
  assert.equal((await setup()).exitCode, 0);
  const container = `buildx_buildkit_${builder}0`;
  const process = await docker("inspect", "--format={{.State.Pid}}", container);
  const socket = `/proc/${process}/root/run/buildkit/buildkitd.sock`;
  await rename(socket, `${socket}.away`);
  const looking = setup();
  await sleep(1500);
  await rename(`${socket}.away`, socket);
  const ended = await looking;
  assert.equal(ended.outcome, "unchanged", ended.stderr);
});

engineTest("a file of users' own for new builders serves as it did", async (engine, context) => {
  if (engine.name === "classic") return context.skip("the image store is not asked");
  const { setup, env, builder } = await bench(engine, context);
  const own = "[worker.oci]\ngc = true\nmaxUsedSpace = 7000000000\n";
  await writeFile(path.join(env.BUILDX_CONFIG, "buildkitd.default.toml"), own);
  assert.deepEqual(ids((await setup()).steps), ["create-builder"]);
  const file = ["exec", `buildx_buildkit_${builder}0`, "cat", "/etc/buildkit/buildkitd.toml"];
  assert.match(await docker(...file), /maxUsedSpace = 7000000000/);
  assert.equal((await setup()).outcome, "unchanged");
});
