/**
 * What a build that fails is told to have failed by: each cause is made to happen on the real engine.
 *
 * Not made to happen here is what needs more than the base image, and what no test machine has: Rosetta, another linker's
 * objects, a download that is not there, and the package managers of Alpine and Python. The words of those stand in
 * `src/build/diagnosis/programs.test.ts`.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { networkInterfaces } from "node:os";
import type { TestContext } from "node:test";
import { execa } from "execa";
import { answers } from "../diagnosis/answers.ts";
import { type Case, check, debian, fails, foreign, scratch } from "../diagnosis/case.ts";
import { steps } from "../diagnosis/steps.ts";
import { surroundings } from "../diagnosis/surroundings.ts";
import { startMemoryRegistry } from "../registry/memory.ts";
import {
  baseFlags,
  directory,
  docker,
  engineTest,
  ensureBuilder,
  main,
  type TestEngine,
  tinyContext,
  transship,
  until,
} from "./engine.ts";

/** The words are buildx's and BuildKit's: the newest and the oldest of them, and one image store, are enough. */
function causeTest(
  name: string,
  body: (engine: TestEngine, context: TestContext) => Promise<void>,
): void {
  engineTest(name, async (engine, context) => {
    if (engine.name === "containerd") return context.skip("tried on the classic image store");
    await body(engine, context);
  });
}

for (const one of [...steps, ...surroundings]) {
  causeTest(`${one.code}: ${one.dockerfile.split("\n").at(-1)}`, async (engine, context) => {
    const isProgram = steps.includes(one);
    if (isProgram && engine.name !== "classic") return context.skip("the words are a program's");
    check(one, await fails(one, engine, context));
  });
}

for (const one of answers) {
  causeTest(`${one.code}: HTTP ${one.status}`, async (engine, context) => {
    const registry = await startMemoryRegistry();
    context.after(async () => await registry.close());
    const at = (text: string) => text.replaceAll("HOST", registry.host);
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(one.headers ?? {})) headers[name] = at(value);
    for (const method of ["HEAD", "GET"]) {
      const pattern = /^\/(?:v2\/(?:team|docker)|file)/;
      registry.faults.push({ method, path: pattern, answer: one.status, headers, times: 100 });
    }
    const here = { ...one, dockerfile: at(one.dockerfile), hint: new RegExp(at(one.hint.source)) };
    const marked = one.marked === undefined ? {} : { marked: at(one.marked) };
    check({ ...here, ...marked }, await fails(here, engine, context));
  });
}

causeTest(
  "BASE_REGISTRY_UNREACHABLE: nobody listens, and no such name",
  async (engine, context) => {
    for (const registry of ["127.0.0.1:1", "registry.invalid"]) {
      const one: Case = {
        code: "BASE_REGISTRY_UNREACHABLE",
        exitCode: 4,
        dockerfile: `FROM ${registry}/base:1`,
        marked: `${registry}/base:1`,
        hint: new RegExp(`curl -sSI https://${registry}/v2/`),
      };
      check(one, await fails(one, engine, context));
    }
  },
);

causeTest("BASE_REGISTRY_UNTRUSTED: no TLS where it is wanted", async (engine, context) => {
  // The loopback needs none.
  const address = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === "IPv4" && !one.internal)?.address;
  if (address === undefined) return context.skip("there is no address but the loopback's");
  const server = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => {
    server.listen(0, address, resolve);
  });
  context.after(() => server.close());
  const bound = server.address();
  const host = `${address}:${typeof bound === "object" ? bound?.port : ""}`;
  const one: Case = {
    code: "BASE_REGISTRY_UNTRUSTED",
    exitCode: 4,
    dockerfile: `FROM ${host}/base:1`,
    marked: `${host}/base:1`,
    hint: /docker buildx create --name NAME --buildkitd-config buildkitd\.toml/,
  };
  check(one, await fails(one, engine, context));
});

causeTest(
  "SOURCE_UNSUPPORTED: a layout, and the engine's own BuildKit",
  async (engine, context) => {
    if (engine.imageStore !== "classic") return context.skip("it reads layouts");
    const one: Case = {
      code: "SOURCE_UNSUPPORTED",
      exitCode: 4,
      dockerfile: debian(),
      flags: ["--builder", "default"],
      marked: "FROM debian:bookworm-slim",
      hint: /transship setup, then transship build --builder multiarch-builder/,
    };
    check(one, await fails(one, engine, context));
  },
);

causeTest("BUILDX_FLAG_TOO_NEW: --check and a buildx of before", async (engine, context) => {
  if (engine.name !== "oldest") return context.skip("this buildx knows it");
  const one: Case = {
    code: "BUILDX_FLAG_TOO_NEW",
    exitCode: 4,
    dockerfile: debian(),
    passthrough: ["--check"],
    hint: /docker buildx version/,
  };
  check(one, await fails(one, engine, context));
});

causeTest("a cache that cannot be imported is not what failed", async (engine, context) => {
  const one: Case = {
    code: "STEP_COMMAND_MISSING",
    exitCode: 1,
    dockerfile: debian("RUN frobnicate"),
    flags: ["--cache-from", "type=registry,ref=127.0.0.1:1/cache"],
    marked: "frobnicate",
    said: /: frobnicate: not found$/,
    hint: /apt-get install/,
  };
  check(one, await fails(one, engine, context));
});

causeTest(
  "a step that never ends, because its first program crashed under qemu",
  async (engine, context) => {
    if (engine.name !== "classic")
      return context.skip("tried on one engine: qemu is the machine's");
    await ensureBuilder(engine);
    // A shell with one command becomes that command, as `RUN node build.js` does.
    const dockerfile = debian("RUN exec sh -c 'kill -11 $$'");
    const sources = await directory(context, { Dockerfile: dockerfile });
    const store = await directory(context);
    const usual = [
      "-i",
      "transship-test-diagnosis",
      "-c",
      sources,
      "--platform",
      foreign,
      "--no-load",
    ];
    const build = execa(process.execPath, [main, "build", ...usual, ...baseFlags(engine)], {
      env: { XDG_CACHE_HOME: store },
      reject: false,
      timeout: 120_000,
    });
    let said = "";
    build.stderr.on("data", (text: Buffer) => {
      said += text.toString();
      if (/^warning: .*crashed under the emulator/m.test(said)) build.kill("SIGINT");
    });
    const { exitCode, stderr } = await build;
    assert.match(stderr, /^warning: .* crashed under the emulator 10 s ago .*\$BUILDPLATFORM\.$/m);
    assert.equal(exitCode, 130, stderr);
  },
);

/** Builders of this test's own, which it may stop and fill. */
async function ownBuilder(
  name: string,
  engine: TestEngine,
  context: TestContext,
): Promise<{ readonly builder: string; readonly container: string }> {
  const builder = `transship-test-${name}`;
  const ended = await transship([
    "setup",
    "--builder",
    builder,
    "--buildkit-image",
    engine.buildkitImage,
  ]);
  context.after(async () => {
    await transship(["setup", "--builder", builder, "--remove"]);
  });
  assert.equal(ended.exitCode, 0, ended.stderr);
  return { builder, container: `buildx_buildkit_${builder}0` };
}

causeTest("BUILDER_LOST: the builder is killed while a step runs", async (engine, context) => {
  const { builder, container } = await ownBuilder("lost", engine, context);
  const one: Case = {
    code: "BUILDER_LOST",
    exitCode: 4,
    dockerfile: debian("RUN echo begun && sleep 86397"),
    flags: ["--builder", builder],
    hint: new RegExp(`docker logs --tail 20 ${container}; .*transship setup --builder ${builder}`),
  };
  const failing = fails(one, engine, context);
  await until(async () =>
    (await docker("top", container, "-eo", "pid,args")).includes("sleep 86397"),
  );
  await docker("kill", container);
  check(one, await failing);
  // The next build starts it again by itself.
  const next = await directory(context, tinyContext());
  const flags = ["-i", "transship-test-lost", "-c", next, "--builder", builder, "--no-load"];
  const ended = await transship(["build", ...flags]);
  assert.equal(ended.exitCode, 0, ended.stderr);
});

causeTest("DISK_FULL: the builder's own disk", async (engine, context) => {
  // buildx keeps a builder's state in this volume, and takes the one that is there.
  const volume = "buildx_buildkit_transship-test-full0_state";
  const options = ["type=tmpfs", "device=tmpfs", "o=size=8m"].flatMap((option) => [
    "--opt",
    option,
  ]);
  await docker("volume", "create", "--driver", "local", ...options, volume);
  context.after(async () => {
    await execa("docker", ["volume", "rm", "--force", volume], { reject: false });
  });
  const { builder } = await ownBuilder("full", engine, context);
  const one: Case = {
    code: "DISK_FULL",
    exitCode: 4,
    dockerfile: scratch("COPY large /"),
    files: { large: new Uint8Array(12_000_000) },
    flags: ["--builder", builder],
    hint: /docker buildx prune/,
  };
  check(one, await fails(one, engine, context));
});
