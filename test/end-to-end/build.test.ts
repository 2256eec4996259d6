import assert from "node:assert/strict";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import { execa } from "execa";
import * as z from "zod";
import { tarOf } from "../image/image.ts";
import { startMemoryRegistry } from "../registry/memory.ts";
import {
  directory,
  docker,
  engineTest,
  ensureBuilder,
  type TestEngine,
  tinyContext,
  transship,
} from "./engine.ts";

const document = z.object({
  schemaVersion: z.literal(1),
  image: z.string(),
  outcome: z.string(),
  verdict: z.string(),
  platforms: z.array(
    z.object({
      platform: z.string(),
      digest: z.string(),
      execution: z.string(),
      verdict: z.string(),
      findings: z.array(z.object({ rule: z.string(), prediction: z.string().optional() })),
    }),
  ),
  loaded: z.array(
    z.object({ image: z.string(), platform: z.string(), label: z.string(), bytesSent: z.number() }),
  ),
  pushed: z.object({ reference: z.string(), digest: z.string() }).nullable(),
  store: z.string(),
});

/** An image name, a context and a store of the test's own; what was loaded goes when the test ends. */
async function bench(
  engine: TestEngine,
  context: TestContext,
  files: Readonly<Record<string, string | Uint8Array>> = tinyContext(),
) {
  await ensureBuilder(engine);
  const [sources, cache] = [await directory(context, files), await directory(context)];
  const image = `transship-test-${path
    .basename(sources)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")}`;
  context.after(async () => {
    const listed = await docker("image", "ls", "--quiet", "--filter", `reference=${image}`);
    const ids = [...new Set(listed.split("\n").filter((id) => id !== ""))];
    if (ids.length > 0) await docker("image", "rm", "--force", ...ids);
  });
  const env = { XDG_CACHE_HOME: cache };
  const run = async (more: Readonly<Record<string, string>>, ...args: readonly string[]) =>
    await transship(["build", "-i", image, "-c", sources, ...args], { env: { ...env, ...more } });
  const build = async (...args: readonly string[]) => {
    const ended = await run({}, "--json", ...args);
    assert.notEqual(ended.stdout, "", ended.stderr);
    return { ...ended, result: document.parse(JSON.parse(ended.stdout)) };
  };
  return { image, sources, env, run, build, store: path.join(cache, "transship", "store") };
}

engineTest(
  "a build is requirement 1.1, ends with 1.2, and sends nothing twice",
  async (engine, context) => {
    const { image, build } = await bench(engine, context);
    const { exitCode, stderr, result } = await build();
    assert.equal(exitCode, 0, stderr);
    assert.match(
      stderr,
      /^\$ docker buildx build --platform linux\/amd64 --builder multiarch-builder /m,
    );
    const command = `docker image inspect --format='{{.Architecture}}/{{.Os}}' ${image}:local-amd64`;
    assert.ok(`${stderr}\n`.includes(`$ ${command}\namd64/linux\n`), stderr);
    assert.equal(
      await docker(
        "image",
        "inspect",
        "--format={{.Architecture}}/{{.Os}}",
        `${image}:local-amd64`,
      ),
      "amd64/linux",
    );
    assert.equal(result.image, `${image}:local-amd64`);
    assert.deepEqual(
      result.platforms.map(({ platform, verdict }) => [platform, verdict]),
      [["linux/amd64", "proven"]],
    );
    const again = await build();
    assert.equal(again.result.platforms[0]?.digest, result.platforms[0]?.digest);
    assert.deepEqual(
      again.result.loaded.map(({ bytesSent }) => bytesSent),
      [0],
    );
    // The image runs as what it is labelled.
    assert.equal(await docker("run", "--rm", "--network=none", `${image}:local-amd64`), "x86_64");
  },
);

engineTest(
  "several platforms are built at once, a tag each where a tag holds one",
  async (engine, context) => {
    const { image, build } = await bench(engine, context);
    const { exitCode, stderr, result } = await build("--platform", "linux/amd64,linux/arm64");
    assert.equal(exitCode, 0, stderr);
    const stored = await build("--platform", "linux/amd64,linux/arm64", "--no-load");
    for (const { platforms } of [result, stored.result]) {
      assert.deepEqual(
        platforms.map(({ platform, execution }) => [platform, execution]),
        [
          ["linux/amd64", "native"],
          ["linux/arm64", "emulated"],
        ],
      );
    }
    const tags =
      engine.imageStore === "classic"
        ? [`${image}:local-amd64`, `${image}:local-arm64`]
        : [`${image}:local`, `${image}:local`];
    assert.deepEqual(
      result.loaded.map((one) => one.image),
      tags,
    );
    for (const [n, machine] of ["x86_64", "aarch64"].entries()) {
      const platform = result.loaded[n]?.platform ?? "";
      const ran = await docker(
        "run",
        "--rm",
        "--network=none",
        "--platform",
        platform,
        tags[n] ?? "",
      );
      assert.equal(ran, machine);
    }
    const again = await build("--platform", "linux/amd64,linux/arm64");
    assert.ok(
      again.result.loaded.every(({ bytesSent }) => bytesSent === 0),
      again.stdout,
    );
  },
);

engineTest("a program for another machine is refuted, and not loaded", async (engine, context) => {
  const dockerfile = 'FROM scratch\nCOPY --chmod=755 arm64 /probe\nENTRYPOINT ["/probe"]\n';
  const { image, build } = await bench(engine, context, tinyContext(dockerfile));
  const { exitCode, result } = await build();
  assert.equal(exitCode, 1);
  assert.equal(result.outcome, "refuted");
  const [finding] = result.platforms[0]?.findings ?? [];
  assert.equal(finding?.rule, "entrypoint-machine");
  assert.equal(finding?.prediction, "exec /probe: exec format error");
  assert.equal(await docker("image", "ls", "--quiet", image), "");
  const anyway = await build("--load-anyway");
  assert.equal(anyway.exitCode, 1);
  assert.equal(anyway.result.loaded.length, 1);
});

engineTest("a push sends the store's very bytes", async (engine, context) => {
  const registry = await startMemoryRegistry();
  context.after(async () => await registry.close());
  const { image, build, env } = await bench(engine, context);
  const where = ["--push", "--registry", `http://${registry.host}/team/`, "-t", "1.0"];
  const { exitCode, stderr, result } = await build("--no-load", ...where);
  assert.equal(exitCode, 0, stderr);
  assert.deepEqual(result.loaded, []);
  assert.equal(result.pushed?.reference, `${registry.host}/team/${image}:1.0`);
  const name = `docker://${registry.host}/team/${image}:1.0`;
  const verified = await transship(["verify", name, "-a", "amd64", "--json"], { env });
  assert.equal(verified.exitCode, 0, verified.stderr);
  const read = z
    .object({
      image: z.object({ from: z.string() }),
      platforms: z.array(z.object({ digest: z.string() })),
    })
    .parse(JSON.parse(verified.stdout));
  assert.equal(read.image.from, "registry");
  assert.deepEqual(
    read.platforms.map(({ digest }) => digest),
    result.platforms.map(({ digest }) => digest),
  );
});

engineTest("a damaged blob in the store is noticed and written anew", async (engine, context) => {
  const { build, store } = await bench(engine, context);
  const first = await build();
  const blobs = path.join(store, "blobs", "sha256");
  for (const name of await readdir(blobs)) {
    const bytes = await readFile(path.join(blobs, name));
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    await writeFile(path.join(blobs, name), bytes);
  }
  const again = await build();
  assert.equal(again.exitCode, 0, again.stderr);
  assert.match(again.stderr, /warning: The blob sha256:\w+ .* is damaged/);
  assert.equal(again.result.platforms[0]?.digest, first.result.platforms[0]?.digest);
});

engineTest("two builds at once share one store", async (engine, context) => {
  const one = await bench(engine, context);
  const builds = ["a", "b", "c"].map(async (tag) => await one.build("-t", tag, "--no-cache"));
  for (const { exitCode, stderr } of await Promise.all(builds)) assert.equal(exitCode, 0, stderr);
  const index = await readFile(path.join(one.store, "index.json"), "utf8");
  for (const tag of ["a", "b", "c"]) assert.ok(index.includes(`${one.image}:${tag}`), index);
  assert.deepEqual(await readdir(path.join(one.store, ".lock")), []);
});

engineTest(
  "without a builder the engine's own BuildKit builds, and says what is lost",
  async (engine, context) => {
    const { image, build, env } = await bench(engine, context);
    const both = await build("--builder", "default", "--platform", "linux/amd64,linux/arm64");
    assert.equal(both.exitCode, 0, both.stderr);
    assert.deepEqual(
      both.result.loaded.map(({ platform }) => platform),
      ["linux/amd64", "linux/arm64"],
    );
    const { exitCode, stderr, result } = await build("--builder", "default");
    assert.equal(exitCode, 0, stderr);
    assert.equal(result.loaded[0]?.label, "amd64/linux");
    assert.equal(await docker("run", "--rm", "--network=none", `${image}:local-amd64`), "x86_64");
    assert.equal(await docker("image", "ls", "--quiet", "transship/build"), "");
    const buildx = await directory(context);
    const sources = await directory(context, tinyContext());
    const unset = await transship(["build", "-i", image, "-c", sources], {
      env: { ...env, BUILDX_CONFIG: buildx },
    });
    assert.equal(unset.exitCode, 0, unset.stderr);
    assert.match(
      unset.stderr,
      /warning: There is no builder multiarch-builder yet.* transship setup/,
    );
  },
);

engineTest(
  "what stands after -- is handed to buildx, and --dry-run runs nothing",
  async (engine, context) => {
    const { image, run, build } = await bench(engine, context);
    const labelled = await build("--", "--label", "org.example.kept=yes");
    assert.equal(labelled.exitCode, 0, labelled.stderr);
    const label = await docker(
      "image",
      "inspect",
      '--format={{index .Config.Labels "org.example.kept"}}',
      `${image}:local-amd64`,
    );
    assert.equal(label, "yes");
    const dry = await run({}, "--dry-run", "-t", "never");
    assert.equal(dry.exitCode, 0, dry.stderr);
    assert.match(dry.stderr, /^\$ docker buildx build --platform linux\/amd64 /m);
    assert.equal(await docker("image", "ls", "--quiet", `${image}:never`), "");
  },
);

engineTest("a build leaves no temporary file behind", async (engine, context) => {
  const { run } = await bench(engine, context);
  const temporary = await directory(context);
  assert.equal((await run({ TMPDIR: temporary })).exitCode, 0);
  // Node's own cache of compiled code stays there on purpose.
  const left = (await readdir(temporary)).filter((name) => name !== "node-compile-cache");
  assert.deepEqual(left, []);
});

engineTest(
  "requirement 1.2: a label that differs in the engine is exit 1 and one sentence",
  async (engine, context) => {
    const { image, run, sources } = await bench(engine, context);
    const other = `${image}:other`;
    const archive = await tarOf({ file: "x" });
    await execa("docker", ["import", "--platform", "linux/arm64", "-", other], { input: archive });
    const { stdout: own } = await execa("which", ["docker"]);
    // Another run that gives the name to its own image between our load and our look.
    const meddling = `#!/bin/sh\n'${own}' "$@" || exit\ncase "$1 $2" in "image load") exec '${own}' tag ${other} ${image}:local-amd64 ;; esac\n`;
    await mkdir(path.join(sources, "bin"));
    await writeFile(path.join(sources, "bin", "docker"), meddling, { mode: 0o755 });
    const PATH = `${path.join(sources, "bin")}:${process.env["PATH"] ?? ""}`;
    const { exitCode, stderr } = await run({ PATH });
    assert.equal(exitCode, 1, stderr);
    assert.match(
      stderr,
      /error\[LABEL_DIFFERS\]: The engine says that \S+ is arm64\/linux, not amd64\/linux that was built\./,
    );
  },
);
