/** What a build says before it begins: what would fail late, or go wrong without a word. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import * as z from "zod";
import { parsePlatform } from "../../src/platform/platform.ts";
import { probeProgram } from "../../src/probe/program.ts";
import { imageOf, layoutContents, type TestPlatform } from "../image/image.ts";
import { startMemoryRegistry } from "../registry/memory.ts";
import {
  baseFlags,
  directory,
  engineTest,
  ensureBuilder,
  type TestEngine,
  tinyContext,
  transship,
} from "./engine.ts";

const document = z.object({
  checks: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      detail: z.string(),
      fix: z.string().optional(),
    }),
  ),
});
const failed = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    excerpt: z.array(z.string()),
  }),
});

type Files = Readonly<Record<string, string | Uint8Array>>;

async function bench(engine: TestEngine, context: TestContext, files: Files) {
  await ensureBuilder(engine);
  const [sources, cache] = [await directory(context, files), await directory(context)];
  const flags = ["-i", "transship-test-checks", "-c", sources, "--no-load"];
  const build = async (...more: readonly string[]) =>
    await transship(["build", ...flags, ...more], { env: { XDG_CACHE_HOME: cache } });
  return { build };
}

function program(platform: string): Uint8Array {
  return probeProgram(parsePlatform(platform)) ?? new Uint8Array();
}

engineTest(
  "a base image that lacks the platform is named with its line",
  async (engine, context) => {
    const { build } = await bench(engine, context, { Dockerfile: "FROM debian:bookworm-slim\n" });
    const ended = await build("--platform", "linux/riscv64", "--json", ...baseFlags(engine));
    assert.equal(ended.exitCode, 1, ended.stderr);
    const { error } = failed.parse(JSON.parse(ended.stdout));
    assert.equal(error.code, "BASE_PLATFORM_MISSING");
    assert.match(
      error.excerpt[0] ?? "",
      /does not exist for linux\/riscv64; it does for linux\/amd64/,
    );
    assert.doesNotMatch(ended.stderr, /^#1 /m, "nothing was built");
  },
);

engineTest(
  "a base image pinned to one platform is refused for another",
  async (engine, context) => {
    await ensureBuilder(engine);
    const registry = await startMemoryRegistry();
    context.after(async () => await registry.close());
    const cache = await directory(context);
    const tiny = await directory(context, tinyContext());
    const env = { XDG_CACHE_HOME: cache };
    const push = ["-i", `${registry.host}/base`, "-t", "1", "-c", tiny, "--no-load", "--push"];
    const pushed = await transship(["build", "--json", ...push, "--", "--provenance=false"], {
      env,
    });
    const { digest } = z.object({ digest: z.string() }).parse(JSON.parse(pushed.stdout));
    const name = `${registry.host}/base@${digest}`;
    const sources = await directory(context, { Dockerfile: `FROM scratch\n\nFROM ${name}\n` });
    const build = ["build", "--json", "-i", "transship-test-checks", "-c", sources, "--no-load"];
    const asked = registry.requests.length;
    const look = async () => {
      const ended = await transship([...build, "--platform", "linux/arm64"], { env });
      return { ...failed.parse(JSON.parse(ended.stdout)), stderr: ended.stderr };
    };
    const first = await look();
    assert.equal(first.error.code, "BASE_PLATFORM_MISSING", first.stderr);
    // Where the registry's answer came too late BuildKit's warning ended the build; it is kept for the next one.
    const isLate = first.error.excerpt[0]?.startsWith("InvalidBaseImagePlatform") === true;
    const { error, stderr } = isLate ? await look() : first;
    assert.equal(error.code, "BASE_PLATFORM_MISSING", stderr);
    assert.match(error.excerpt[0] ?? "", /\(line 3 of the Dockerfile\) is for linux\/amd64 alone/);
    // What a digest names never changes, so it is asked once.
    const once = registry.requests.length;
    assert.ok(once > asked);
    await transship([...build, "--platform", "linux/arm64"], { env });
    assert.equal(registry.requests.length, once);
    const own = await transship([...build, "--platform", "linux/amd64"], { env });
    assert.equal(own.exitCode, 0, own.stderr);
  },
);

engineTest(
  "steps for a platform without emulator are refused before any runs",
  async (engine, context) => {
    const files = {
      Dockerfile: 'FROM scratch\nCOPY --chmod=755 probe /probe\nRUN ["/probe"]\n',
      probe: program("linux/riscv64"),
    };
    const { build } = await bench(engine, context, files);
    const ended = await build("--platform", "linux/riscv64", "--json");
    const { error } = failed.parse(JSON.parse(ended.stdout));
    assert.equal(error.code, "EMULATOR_MISSING", ended.stderr);
    assert.match(error.hint, /binfmt --install riscv64/);
    assert.doesNotMatch(ended.stderr, /^#1 /m, "nothing was built");
    // Without a step that runs something no emulator is needed.
    const copied = await bench(engine, context, {
      ...files,
      Dockerfile: 'FROM scratch\nCOPY --chmod=755 probe /probe\nENTRYPOINT ["/probe"]\n',
    });
    const well = await copied.build("--platform", "linux/riscv64");
    assert.equal(well.exitCode, 0, well.stderr);
  },
);

engineTest("--no-emulation names the steps that would run emulated", async (engine, context) => {
  const lines = [
    "FROM --platform=$BUILDPLATFORM debian:bookworm-slim AS build",
    "RUN echo native > /out",
    "FROM debian:bookworm-slim",
    "COPY --from=build /out /",
    "RUN cat /out",
  ];
  const { build } = await bench(engine, context, { Dockerfile: lines.join("\n") });
  const flags = ["--no-emulation", ...baseFlags(engine)];
  const ended = await build("--platform", "linux/amd64,linux/arm64", "--json", ...flags);
  assert.equal(ended.exitCode, 1, ended.stderr);
  const { error } = failed.parse(JSON.parse(ended.stdout));
  assert.equal(error.code, "EMULATION_REFUSED");
  assert.ok(
    error.excerpt.some((line) => line.startsWith("> 5 | RUN cat /out")),
    ended.stderr,
  );
  const native = await build("--platform", "linux/amd64", ...flags);
  assert.equal(native.exitCode, 0, native.stderr);
  // The stage that only compiles runs on the builder's own platform for any target.
  const target = await build("--platform", "linux/arm64", "--target", "build", ...flags);
  assert.doesNotMatch(target.stderr, /EMULATION_REFUSED/);
});

engineTest(
  "--no-emulation also ends what only a base image brings: its triggers",
  async (engine, context) => {
    const platforms = ["amd64", "arm64"].map((architecture): TestPlatform => {
      const content = program(`linux/${architecture}`);
      const config = { OnBuild: ['RUN ["/probe"]'], Entrypoint: ["/probe"] };
      return { architecture, config, layers: [{ probe: { content } }] };
    });
    const base = await directory(context, layoutContents(await imageOf(platforms), ["latest"]));
    const { build } = await bench(engine, context, { Dockerfile: "FROM with-trigger\n" });
    const flags = ["--build-context", `with-trigger=oci-layout://${base}`, "--no-emulation"];
    const ended = await build("--platform", "linux/arm64", "--no-cache", ...flags);
    assert.match(ended.stderr, /error\[EMULATION_REFUSED\]/);
    assert.equal((await build("--platform", "linux/amd64", ...flags)).exitCode, 0);
  },
);

engineTest("what is in the build context is looked through", async (engine, context) => {
  const foreign = program("linux/arm64");
  const lock = {
    lockfileVersion: 3,
    packages: {
      "": { name: "app", dependencies: { esbuild: "1" } },
      "node_modules/esbuild": {
        version: "1.0.0",
        optionalDependencies: { "@esbuild/darwin-arm64": "1.0.0", "@esbuild/linux-x64": "1.0.0" },
      },
      "node_modules/@esbuild/darwin-arm64": {
        version: "1.0.0",
        os: ["darwin"],
        cpu: ["arm64"],
        optional: true,
      },
    },
  };
  const files = {
    ...tinyContext(),
    "node_modules/addon/build/addon.node": foreign,
    "package-lock.json": JSON.stringify(lock),
  };
  const { build } = await bench(engine, context, files);
  const ended = await build("--json");
  assert.equal(ended.exitCode, 0, ended.stderr);
  const warned = document
    .parse(JSON.parse(ended.stdout))
    .checks.filter(({ status }) => status === "warn");
  assert.deepEqual(warned.map(({ id }) => id).toSorted(), ["artefacts", "lock-file"]);
  assert.match(ended.stderr, /^warning: .*addon\.node.*\.dockerignore/m);
  assert.match(ended.stderr, /^warning: .*@esbuild\/linux-x64/m);
  const ignoring = await bench(engine, context, { ...files, ".dockerignore": "node_modules\n" });
  assert.doesNotMatch((await ignoring.build()).stderr, /warning: .*addon\.node/);
});

engineTest("a .dockerignore that cannot be read is told with its line", async (engine, context) => {
  const { build } = await bench(engine, context, { ...tinyContext(), ".dockerignore": "a\n[b\n" });
  const ended = await build("--json");
  assert.equal(ended.exitCode, 1, ended.stderr);
  const { error } = failed.parse(JSON.parse(ended.stdout));
  assert.equal(error.code, "BUILD_REFUSED");
  assert.match(error.hint, /line 2 of .*\.dockerignore/);
});
