/** The store's own commands, on what real builds write into it. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import { execa } from "execa";
import * as z from "zod";
import {
  directory,
  docker,
  engineTest,
  ensureBuilder,
  type TestEngine,
  tinyContext,
  transship,
} from "./engine.ts";

const listed = z.object({
  command: z.literal("store ls"),
  store: z.string(),
  images: z.array(
    z.object({
      name: z.string().nullable(),
      tag: z.string().nullable(),
      digest: z.string(),
      platforms: z.array(z.string()),
      state: z.string(),
      problems: z.array(z.object({ digest: z.string(), problem: z.string() })),
      ownBytes: z.number(),
      sharedBytes: z.number(),
      lastBuilt: z.string().nullable(),
    }),
  ),
  totals: z.record(z.string(), z.number()),
});

const pruned = z.object({
  command: z.literal("store prune"),
  outcome: z.string(),
  removed: z.object({
    names: z.array(z.object({ name: z.string(), reason: z.string(), bytes: z.number() })),
    blobs: z.number(),
    bytes: z.number(),
    leftovers: z.number(),
    facts: z.number(),
  }),
  spared: z.object({ blobs: z.number(), bytes: z.number(), beingWritten: z.boolean() }),
  left: z.object({ names: z.number(), blobs: z.number(), bytes: z.number() }),
});

/** A store of the test's own, and what it is asked; images that were loaded go when the test ends. */
async function bench(engine: TestEngine, context: TestContext) {
  await ensureBuilder(engine);
  const cache = await directory(context);
  const env = { XDG_CACHE_HOME: cache };
  const own = path
    .basename(cache)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "");
  const nameOf = (name: string) => `transship-test-${own}-${name}`;
  context.after(async () => {
    const filter = `reference=transship-test-${own}-*`;
    const ids = (await docker("image", "ls", "--quiet", "--filter", filter)).split("\n");
    const present = [...new Set(ids.filter((id) => id !== ""))];
    if (present.length > 0) await docker("image", "rm", "--force", ...present);
  });
  const json = async (...args: readonly string[]) => {
    const ended = await transship([...args, "--json"], { env });
    assert.equal(ended.exitCode, 0, ended.stderr);
    const parsed: unknown = JSON.parse(ended.stdout);
    return parsed;
  };
  const build = async (name: string, content: string, ...args: readonly string[]) => {
    const files = {
      ...tinyContext("ARG TARGETARCH\nCOPY --chmod=755 ${TARGETARCH} /probe\nCOPY content /\n"),
      content,
    };
    const sources = await directory(context, files);
    return await json("build", "-i", nameOf(name), "-c", sources, "--tag", "1", ...args);
  };
  return {
    store: path.join(cache, "transship", "store"),
    cache,
    nameOf,
    build,
    ls: async () => listed.parse(await json("store", "ls")),
    prune: async (...args: readonly string[]) =>
      pruned.parse(await json("store", "prune", ...args)),
    run: async (...args: readonly string[]) => await transship(args, { env }),
  };
}

const both = ["--platform", "linux/amd64,linux/arm64"];

engineTest(
  "two images are listed, one is pruned, and the other is as whole as before",
  async (engine, context) => {
    const { nameOf, build, ls, prune, run, store } = await bench(engine, context);
    await build("one", "one", ...both);
    await build("two", "two");
    const before = await ls();
    assert.deepEqual(
      before.images.map(({ name, platforms, state }) => [name, platforms, state]),
      [
        [`docker.io/library/${nameOf("two")}:1`, ["linux/amd64"], "whole"],
        [`docker.io/library/${nameOf("one")}:1`, ["linux/amd64", "linux/arm64"], "whole"],
      ],
    );
    assert.equal(before.totals["unnamedBlobs"], 0, JSON.stringify(before.totals));
    // Both copy the same program.
    for (const { ownBytes, sharedBytes } of before.images)
      assert.ok(ownBytes > 0 && sharedBytes > 0);

    const planned = await prune("--name", nameOf("one"), "--dry-run");
    assert.equal(planned.outcome, "planned");
    assert.deepEqual(await ls().then(({ images }) => images.length), 2);
    const result = await prune("--name", nameOf("one"));
    assert.equal(result.outcome, "pruned");
    assert.deepEqual(result.removed, planned.removed);
    assert.deepEqual(
      result.removed.names.map(({ name, reason, bytes }) => [name, reason, bytes]),
      [[`${nameOf("one")}:1`, "matched", before.images[1]?.ownBytes]],
    );
    assert.equal(result.removed.bytes, before.images[1]?.ownBytes);
    assert.equal((await readdir(path.join(store, "blobs", "sha256"))).length, result.left.blobs);

    const after = await ls();
    assert.deepEqual(
      after.images.map(({ state, sharedBytes }) => [state, sharedBytes]),
      [["whole", 0]],
    );
    const verified = await run("verify", `${nameOf("two")}:1`);
    assert.match(verified.stdout, /read from the store/);
    const gone = await run(
      "verify",
      `${nameOf("one")}:1${engine.imageStore === "classic" ? "-arm64" : ""}`,
    );
    assert.match(gone.stdout, /read from the engine/, gone.stderr);
    // What has gone from the store is written there again by the next build.
    await build("one", "one", ...both);
    assert.deepEqual(
      (await ls()).images.map(({ state }) => state),
      ["whole", "whole"],
    );
  },
);

engineTest(
  "the image that containerd's image store was given is found in the store after a prune",
  async (engine, context) => {
    const { nameOf, build, prune, run } = await bench(engine, context);
    await build("one", "one", ...both);
    await prune();
    const tag = engine.imageStore === "classic" ? "1-arm64" : "1";
    const verified = await run("verify", `${nameOf("one")}:${tag}`);
    assert.equal(verified.exitCode, 0, verified.stderr);
    assert.match(verified.stdout, /read from the store/);
  },
);

engineTest("builds go on while everything is pruned again and again", async (engine, context) => {
  if (engine.name !== "classic") return context.skip("tried on one engine: the store is ours");
  const { build, prune, ls } = await bench(engine, context);
  const state = { isDone: false };
  const builds = (async () => {
    for (let n = 0; n < 3; n += 1) {
      await Promise.all([build("one", `one ${n}`, ...both), build("two", `two ${n % 2}`)]);
    }
  })().finally(() => {
    state.isDone = true;
  });
  // A build that fails ends the test below.
  builds.catch(() => {});
  while (!state.isDone) await prune("--max-size", "0");
  await builds;
  const { images } = await ls();
  assert.ok(
    images.every(({ state: one }) => one === "whole"),
    JSON.stringify(images),
  );
  await build("one", "one 2", ...both);
  await build("two", "two 0");
  assert.deepEqual(
    (await ls()).images.map(({ state: one }) => one),
    ["whole", "whole"],
  );
});

engineTest(
  "a docker buildx build that knows of no lock loses nothing to a prune",
  async (engine, context) => {
    const { nameOf, store, prune, ls } = await bench(engine, context);
    await mkdir(store, { recursive: true });
    await writeFile(path.join(store, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
    const sources = await directory(context, { ...tinyContext(), filler: randomBytes(4_000_000) });
    await writeFile(
      path.join(sources, "Dockerfile"),
      "FROM scratch\nCOPY amd64 /probe\nCOPY filler /\n",
    );
    const name = `docker.io/library/${nameOf("plain")}:1`;
    const output = `type=oci,tar=false,dest=${store},name=${name}`;
    const args = ["buildx", "build", "--builder", "multiarch-builder", "--output", output, sources];
    const state = { isDone: false };
    const building = execa("docker", args).finally(() => {
      state.isDone = true;
    });
    building.catch(() => {});
    while (!state.isDone) await prune();
    await building;
    await prune();
    const { images } = await ls();
    assert.deepEqual(
      images.map((one) => [one.name, one.state]),
      [[name, "whole"]],
    );
  },
);

engineTest(
  "what an interrupted build left in the store is listed, and removed when it is old",
  async (engine, context) => {
    const { build, store, prune, ls } = await bench(engine, context);
    await build("one", "one", "--no-load");
    const left = path.join(store, "ingest", "0123");
    await mkdir(left, { recursive: true });
    await writeFile(path.join(left, "data"), randomBytes(1_000));
    assert.deepEqual(
      [(await ls()).totals["leftovers"], (await ls()).totals["leftoverBytes"]],
      [1, 1_000],
    );
    assert.equal((await prune()).removed.leftovers, 0);
    const hourAgo = new Date(Date.now() - 3_600_000);
    for (const file of [path.join(left, "data"), left]) await utimes(file, hourAgo, hourAgo);
    assert.equal((await prune()).removed.leftovers, 1);
    assert.equal((await ls()).totals["leftovers"], 0);
  },
);

engineTest("a full disk is made room on", async (engine, context) => {
  await ensureBuilder(engine);
  const sources = await directory(context, tinyContext());
  const store = await directory(context);
  await execa("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", store]);
  try {
    const flags = ["-i", "transship-test-room", "-c", sources, "--store", store, "--no-load"];
    const built = await transship(["build", ...flags]);
    assert.equal(built.exitCode, 0, built.stderr);
    const old = new Date(Date.now() - 3_600_000);
    const loose = path.join(store, "blobs", "sha256", "0".repeat(64));
    await writeFile(loose, randomBytes(1_000_000));
    await utimes(loose, old, old);
    await writeFile(path.join(store, "filler"), randomBytes(2_000_000)).catch(() => {});
    const ended = await transship(["store", "prune", "--store", store, "--json"]);
    assert.equal(ended.exitCode, 0, ended.stderr);
    assert.equal(pruned.parse(JSON.parse(ended.stdout)).removed.bytes, 1_000_000);
  } finally {
    await execa("umount", [store]);
  }
});

engineTest(
  "what is wrong with a command line or a store has its code",
  async (_engine, context) => {
    const empty = await directory(context, { "thesis.tex": "" });
    for (const [args, code, exitCode] of [
      [["--older-than", "5y"], "USAGE", 2],
      [["--max-size", "much"], "USAGE", 2],
      [["--store", empty], "STORE_LAYOUT_UNKNOWN", 4],
    ] as const) {
      const ended = await transship(["store", "prune", ...args, "--json"]);
      const { error } = z
        .object({ error: z.object({ code: z.string() }) })
        .parse(JSON.parse(ended.stdout));
      assert.deepEqual([error.code, ended.exitCode], [code, exitCode], ended.stderr);
    }
  },
);
