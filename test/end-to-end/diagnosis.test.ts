/**
 * What a build that fails is told to have failed by: each cause is made to happen on the real engine.
 *
 * Not made to happen here is what needs more than the base image, and what no test machine has: Rosetta, another linker's
 * objects, a download that is not there, and the package managers of Alpine and Python. The words of those stand in
 * `src/build/diagnosis/programs.test.ts`.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { realpath } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { z } from "zod";
import { parsePlatform } from "../../src/platform/platform.ts";
import { probeProgram } from "../../src/probe/program.ts";
import { startMemoryRegistry } from "../registry/memory.ts";
import {
  baseFlags,
  directory,
  docker,
  type Ended,
  engineTest,
  ensureBuilder,
  type TestEngine,
  transship,
  until,
} from "./engine.ts";

const document = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    hint: z.string(),
    excerpt: z.array(z.string()).default([]),
  }),
});
type Told = z.infer<typeof document>["error"];

interface Case {
  readonly code: string;
  readonly exitCode: number;
  readonly dockerfile: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly flags?: readonly string[];
  /** Behind `--`. */
  readonly passthrough?: readonly string[];
  readonly platform?: string;
  /** What has carets below it; absent where nothing in the Dockerfile is meant. */
  readonly marked?: string;
  /** The step's very last line; absent where it printed none. */
  readonly said?: RegExp;
  /** The next command to type. */
  readonly hint: RegExp;
}

const debian = (...lines: readonly string[]) => ["FROM debian:bookworm-slim", ...lines].join("\n");
const scratch = (...lines: readonly string[]) => ["FROM scratch", ...lines].join("\n");
const native = process.arch === "arm64" ? "linux/arm64" : "linux/amd64";
const foreign = process.arch === "arm64" ? "linux/amd64" : "linux/arm64";
const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const modules = fileURLToPath(new URL("../../node_modules/", import.meta.url));
/** This Node, for what only Node can fail by; the base image has the libraries that it wants. */
const nodeFlags = ["--build-context", `node=${await realpath(path.join(modules, "node/bin"))}`];
const esbuildFlags = [
  "--build-context",
  `esbuild=${await realpath(path.join(modules, "esbuild"))}`,
];

const steps: readonly Case[] = [
  {
    code: "EMULATOR_MISSING",
    exitCode: 4,
    dockerfile: scratch("COPY --chmod=755 program /program", 'RUN ["/program"]'),
    files: { program: s390xProgram() },
    platform: "linux/s390x",
    marked: 'RUN ["/program"]',
    said: /^exec \/program: exec format error$/,
    hint: /docker run --privileged --rm tonistiigi\/binfmt --install s390x/,
  },
  {
    code: "EMULATOR_CRASHED",
    exitCode: 1,
    dockerfile: debian("RUN sh -c 'kill -11 $$'; \\", "  exit 1"),
    platform: foreign,
    marked: "RUN sh -c 'kill -11 $$'; \\|exit 1",
    said: /^Segmentation fault$/,
    hint: /docker run --privileged --rm tonistiigi\/binfmt --install all/,
  },
  {
    code: "STEP_LOADER_MISSING",
    exitCode: 1,
    dockerfile: [
      `FROM --platform=${foreign} debian:bookworm-slim AS other`,
      debian("COPY --from=other /bin/true /program", "RUN echo before && /program"),
    ].join("\n"),
    marked: "RUN echo before && /program",
    said: /Could not open '\/lib\S*\/ld-linux-\S+': No such file or directory$/,
    hint: /file PROGRAM/,
  },
  {
    code: "STEP_PROGRAM_FOREIGN",
    exitCode: 1,
    dockerfile: debian("COPY --chmod=755 program /program", "RUN /program"),
    files: { program: s390xProgram() },
    marked: "/program",
    said: /: \/program: Exec format error$/,
    hint: /file \/program/,
  },
  {
    code: "BASE_PLATFORM_WRONG",
    exitCode: 1,
    dockerfile: scratch("COPY --chmod=755 program /bin/sh", "RUN echo hello"),
    files: { program: s390xProgram() },
    marked: "RUN echo hello",
    said: /^exec \/bin\/sh: exec format error$/,
    hint: /docker buildx imagetools inspect IMAGE/,
  },
  {
    // glibc looks at the level that an x86-64 program says it needs; bit 7 of it is no level of any processor.
    code: "STEP_CPU_TOO_OLD",
    exitCode: 1,
    dockerfile: debian(
      String.raw`RUN perl -pi -e 's/(\x02\x80\x00\xc0\x04\0\0\0)\x01/$1\x80/' /bin/true && /bin/true`,
    ),
    platform: "linux/amd64",
    marked: String.raw`RUN perl -pi -e 's/(\x02\x80\x00\xc0\x04\0\0\0)\x01/$1\x80/' /bin/true && /bin/true`,
    said: /CPU ISA level is lower than required$/,
    hint: /transship verify --cpu x86-64-v2 IMAGE/,
  },
  {
    code: "STEP_INSTRUCTION_ILLEGAL",
    exitCode: 1,
    dockerfile: scratch("COPY --chmod=755 program /program", 'RUN ["/program"]'),
    files: { program: illegalProgram() },
    marked: 'RUN ["/program"]',
    hint: /transship verify --cpu x86-64-v2 IMAGE/,
  },
  {
    code: "STEP_CRASHED",
    exitCode: 1,
    dockerfile: debian("RUN sh -c 'kill -11 $$'; exit $?"),
    marked: "RUN sh -c 'kill -11 $$'; exit $?",
    said: /^Segmentation fault$/,
    hint: new RegExp(`docker run --rm -it --platform ${native} IMAGE`),
  },
  {
    code: "STEP_LIBRARY_MISSING",
    exitCode: 1,
    dockerfile: debian("RUN rm /lib/*/libselinux.so.1 && ls /"),
    marked: "RUN rm /lib/*/libselinux.so.1 && ls /",
    said: /^ls: error while loading shared libraries: libselinux\.so\.1: /,
    hint: /apt-file search LIBRARY/,
  },
  {
    code: "STEP_DEPENDENCY_MISSING",
    exitCode: 1,
    dockerfile: debian(
      "WORKDIR /app",
      "COPY --from=esbuild lib node_modules/esbuild/lib",
      "COPY --from=esbuild package.json node_modules/esbuild/",
      "RUN --mount=from=node,target=/node \\",
      `  /node/node -e 'require("esbuild").transformSync("1")'`,
    ),
    flags: [...nodeFlags, ...esbuildFlags],
    marked: `RUN --mount=from=node,target=/node \\|/node/node -e 'require("esbuild").transformSync("1")'`,
    said: /^Node\.js v\d/,
    hint: /npm install --package-lock-only --os=linux --cpu=(?:x64|arm64)/,
  },
  {
    code: "STEP_MODULE_FOREIGN",
    exitCode: 1,
    dockerfile: debian(
      "COPY addon.node /addon.node",
      `RUN --mount=from=node,target=/node /node/node -e 'require("/addon.node")'`,
    ),
    files: { "addon.node": machO() },
    flags: nodeFlags,
    marked: "/addon.node",
    said: /^Node\.js v\d/,
    hint: /npm ci/,
  },
  {
    code: "STEP_OUT_OF_MEMORY",
    exitCode: 4,
    dockerfile: debian(
      "RUN --mount=from=node,target=/node \\",
      "  /node/node --max-old-space-size=20 -e 'const all = []; for (;;) all.push(Array(999).fill(1))'",
    ),
    flags: nodeFlags,
    marked:
      "RUN --mount=from=node,target=/node \\|/node/node --max-old-space-size=20 -e 'const all = []; for (;;) all.push(Array(999).fill(1))'",
    said: /^Aborted|^Trace\/breakpoint trap/,
    hint: /NODE_OPTIONS=--max-old-space-size=4096/,
  },
  {
    code: "STEP_KILLED",
    exitCode: 4,
    dockerfile: debian("RUN sh -c 'kill -9 $$'; exit $?"),
    marked: "RUN sh -c 'kill -9 $$'; exit $?",
    said: /^Killed$/,
    hint: /sudo dmesg/,
  },
  {
    code: "DISK_FULL",
    exitCode: 4,
    dockerfile: debian(
      "RUN --mount=type=tmpfs,target=/full,size=65536 head -c 99999 /dev/zero > /full/file",
    ),
    marked: "RUN --mount=type=tmpfs,target=/full,size=65536 head -c 99999 /dev/zero > /full/file",
    said: /No space left on device$/,
    hint: /docker buildx prune/,
  },
  {
    code: "STEP_PACKAGE_MISSING",
    exitCode: 1,
    dockerfile: debian("RUN apt-get install -y frobnicate"),
    marked: "frobnicate",
    said: /^E: Unable to locate package frobnicate$/,
    hint: /apt-cache policy frobnicate/,
  },
  {
    code: "STEP_NETWORK_FAILED",
    exitCode: 4,
    dockerfile: debian(
      "RUN --network=none apt-get -o Acquire::Retries=0 update && apt-get install -y hello",
    ),
    marked: "RUN --network=none apt-get -o Acquire::Retries=0 update && apt-get install -y hello",
    said: /^E: Unable to locate package hello$/,
    hint: /transship build --build-arg HTTP_PROXY=/,
  },
  {
    code: "STEP_COMMAND_MISSING",
    exitCode: 1,
    dockerfile: debian("RUN true && \\", "  frobnicate --all"),
    marked: "frobnicate",
    said: /^\/bin\/sh: 1: frobnicate: not found$/,
    hint: /apt-get install -y PACKAGE/,
  },
  {
    code: "STEP_COMMAND_MISSING",
    exitCode: 1,
    dockerfile: debian("COPY --chmod=755 run.sh /run.sh", "RUN /run.sh"),
    files: { "run.sh": "#!/bin/sh\r\ntrue\r\n" },
    marked: "/run.sh",
    said: /: \/run\.sh: not found$/,
    hint: /head -1 FILE/,
  },
  {
    code: "STEP_COMMAND_NOT_EXECUTABLE",
    exitCode: 1,
    dockerfile: debian("COPY run.sh /run.sh", "RUN /run.sh"),
    files: { "run.sh": "#!/bin/sh\n" },
    marked: "/run.sh",
    said: /: \/run\.sh: Permission denied$/,
    hint: /git update-index --chmod=\+x FILE/,
  },
  {
    code: "STEP_SHELL_MISSING",
    exitCode: 1,
    dockerfile: scratch("RUN echo hello"),
    marked: "RUN echo hello",
    said: /exec: "\/bin\/sh": stat \/bin\/sh: no such file or directory$/,
    hint: /transship build/,
  },
  {
    code: "STEP_USER_UNKNOWN",
    exitCode: 1,
    dockerfile: debian("USER nobody-knows", "RUN id"),
    marked: "RUN id",
    hint: /RUN useradd --system nobody-knows/,
  },
  {
    code: "BUILD_STEP_FAILED",
    exitCode: 1,
    dockerfile: debian("RUN echo one && \\", "  echo TOKEN=abc && \\", "  exit 3"),
    marked: "RUN echo one && \\|echo TOKEN=*** && \\|exit 3",
    said: /^TOKEN=\*\*\*$/,
    hint: /transship build/,
  },
];

const grants: readonly Case[] = [
  {
    code: "SECRET_MISSING",
    exitCode: 2,
    dockerfile: debian("RUN --mount=type=secret,id=npmrc,required=true true"),
    marked: "npmrc",
    hint: /transship build --secret id=npmrc,src=FILE/,
  },
  {
    code: "SSH_AGENT_MISSING",
    exitCode: 2,
    dockerfile: debian("RUN --mount=type=ssh,required=true true"),
    marked: "RUN --mount=type=ssh,required=true true",
    hint: /transship build --ssh default/,
  },
  {
    code: "ENTITLEMENT_REFUSED",
    exitCode: 2,
    dockerfile: debian("RUN --security=insecure true"),
    marked: "--security=insecure",
    hint: /transship build -- --allow security\.insecure/,
  },
  {
    code: "ENTITLEMENT_REFUSED",
    exitCode: 2,
    dockerfile: debian("RUN --security=insecure true"),
    passthrough: ["--allow", "security.insecure"],
    marked: "--security=insecure",
    hint: /docker buildx create --name NAME --buildkitd-flags/,
  },
  {
    code: "BUILD_FILE_MISSING",
    exitCode: 1,
    dockerfile: scratch("COPY nothing /"),
    marked: "nothing",
    hint: /transship build --context DIR/,
  },
  {
    code: "NAMED_CONTEXT_MISSING",
    exitCode: 2,
    dockerfile: scratch("COPY --from=library file /"),
    flags: ["--build-context", "library=/nowhere/at/all"],
    marked: "library",
    hint: /transship build --build-context library=DIR/,
  },
  {
    code: "NAMED_CONTEXT_MISSING",
    exitCode: 2,
    dockerfile: "FROM library",
    flags: ["--build-context", "library=oci-layout:///nowhere/at/all"],
    marked: "library",
    hint: /transship build --build-context library=DIR/,
  },
  {
    code: "BUILD_TARGET_UNKNOWN",
    exitCode: 2,
    dockerfile: debian(),
    flags: ["--target", "nowhere"],
    hint: /transship build --target NAME/,
  },
  {
    code: "DOCKERFILE_INVALID",
    exitCode: 1,
    dockerfile: scratch("COPY a /", "FETCH a b"),
    marked: "FETCH",
    hint: /transship build/,
  },
  {
    code: "DOCKERFILE_INVALID",
    exitCode: 1,
    dockerfile: scratch("COPY --frobnicate=1 a /"),
    marked: "--frobnicate",
    hint: /transship build/,
  },
  {
    code: "BASE_PLATFORM_MISSING",
    exitCode: 1,
    dockerfile: debian("RUN true"),
    platform: "linux/s390x",
    marked: "debian:bookworm-slim",
    hint: /docker buildx imagetools inspect/,
  },
  {
    code: "CACHE_EXPORT_FAILED",
    exitCode: 4,
    dockerfile: scratch("COPY Dockerfile /"),
    flags: ["--cache-to", "type=registry,ref=127.0.0.1:1/cache"],
    hint: /docker login REGISTRY/,
  },
];

for (const one of [...steps, ...grants]) {
  engineTest(`${one.code}: ${one.dockerfile.split("\n").at(-1)}`, async (engine, context) => {
    check(one, await fails(one, engine, context));
  });
}

/** What a server answers to whoever wants an image or a file of it. */
const answers: readonly (Case & {
  readonly status: number;
  readonly headers?: Record<string, string>;
})[] = [
  {
    code: "BASE_IMAGE_MISSING",
    status: 404,
    exitCode: 1,
    dockerfile: "FROM HOST/team/base:1",
    marked: "HOST/team/base:1",
    hint: /docker buildx imagetools inspect HOST\/team\/base:1/,
  },
  {
    code: "BASE_IMAGE_DENIED",
    status: 401,
    exitCode: 4,
    dockerfile: "FROM HOST/team/base:1",
    marked: "HOST/team/base:1",
    hint: /docker login HOST/,
  },
  {
    code: "BASE_IMAGE_DENIED",
    status: 403,
    exitCode: 4,
    dockerfile: scratch("COPY --from=HOST/team/base:1 /file /"),
    marked: "HOST/team/base:1",
    hint: /docker login HOST/,
  },
  {
    code: "BASE_IMAGE_DENIED",
    status: 401,
    headers: {
      "www-authenticate": `Bearer realm="http://HOST/token",service="memory",scope="repository:team/base:pull",error="insufficient_scope"`,
    },
    exitCode: 4,
    dockerfile: "FROM HOST/team/base:1",
    marked: "HOST/team/base:1",
    hint: /docker login HOST/,
  },
  {
    code: "BASE_RATE_LIMITED",
    status: 429,
    exitCode: 4,
    dockerfile: "FROM HOST/team/base:1",
    marked: "HOST/team/base:1",
    hint: /docker login HOST/,
  },
  {
    code: "BASE_IMAGE_UNAVAILABLE",
    status: 500,
    exitCode: 4,
    dockerfile: "FROM HOST/team/base:1",
    marked: "HOST/team/base:1",
    hint: /docker buildx imagetools inspect HOST\/team\/base:1/,
  },
  {
    code: "SYNTAX_UNAVAILABLE",
    status: 404,
    exitCode: 4,
    dockerfile: `# syntax=HOST/docker/dockerfile:1\n${scratch("COPY Dockerfile /")}`,
    marked: "HOST/docker/dockerfile:1",
    hint: /transship build --build-arg BUILDKIT_SYNTAX=IMAGE/,
  },
  {
    code: "ADD_UNAVAILABLE",
    status: 404,
    exitCode: 1,
    dockerfile: scratch("ADD http://HOST/file /"),
    marked: "http://HOST/file",
    hint: /curl -fsSLI http:\/\/HOST\/file/,
  },
  {
    code: "ADD_CHECKSUM_DIFFERS",
    status: 200,
    exitCode: 1,
    dockerfile: scratch(`ADD --checksum=sha256:${"1".repeat(64)} http://HOST/file /`),
    marked: "http://HOST/file",
    hint: /curl -fsSL http:\/\/HOST\/file \| sha256sum/,
  },
];

for (const one of answers) {
  engineTest(`${one.code}: HTTP ${one.status}`, async (engine, context) => {
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

engineTest(
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

engineTest("BASE_REGISTRY_UNTRUSTED: no TLS where it is wanted", async (engine, context) => {
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

engineTest(
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

engineTest("BUILDX_FLAG_TOO_NEW: --check and a buildx of before", async (engine, context) => {
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

engineTest("a cache that cannot be imported is not what failed", async (engine, context) => {
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

engineTest(
  "a step that never ends, because its first program crashed under qemu",
  async (engine, context) => {
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

engineTest("BUILDER_LOST: the builder is killed while a step runs", async (engine, context) => {
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
});

engineTest("DISK_FULL: the builder's own disk", async (engine, context) => {
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

async function fails(one: Case, engine: TestEngine, context: TestContext): Promise<Ended> {
  const { dockerfile, files, flags = [], passthrough = [], platform } = one;
  if (!flags.includes("--builder")) await ensureBuilder(engine);
  const sources = await directory(context, { Dockerfile: `${dockerfile}\n`, ...files });
  const usual = ["-i", "transship-test-diagnosis", "-c", sources, "--platform", platform ?? native];
  const more = [...baseFlags(engine), ...flags, "--no-load", "--json", "--", ...passthrough];
  const store = await directory(context);
  return await transship(["build", ...usual, ...more], {
    env: { XDG_CACHE_HOME: store, SSH_AUTH_SOCK: "" },
  });
}

function check(
  { code, exitCode, marked, said, hint }: Case,
  { stdout, stderr, ...ended }: Ended,
): void {
  const { error } = document.parse(JSON.parse(stdout));
  assert.equal(error.code, code, stderr);
  assert.equal(ended.exitCode, exitCode, stderr);
  assert.match(error.hint, hint);
  assert.equal(marksIn(error), marked, stderr);
  const last = error.excerpt.includes("Its last words:") ? error.excerpt.at(-1)?.trim() : undefined;
  if (said === undefined) assert.equal(last, undefined);
  else assert.match(last ?? "", said);
}

/** What stands above carets, line by line. */
function marksIn({ excerpt }: Told): string | undefined {
  const marks = excerpt.flatMap((line, at) => {
    const carets = /^ +\| *(\^+)$/.exec(line)?.[1];
    const start = line.indexOf("^");
    return carets === undefined ? [] : [excerpt[at - 1]?.slice(start, start + carets.length)];
  });
  return marks.length === 0 ? undefined : marks.join("|");
}

/** An ELF header of s390x and nothing behind it: no kernel here takes it. */
function s390xProgram(): Uint8Array {
  const bytes = new Uint8Array(256);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 2, 1]);
  bytes.set([0, 2, 0, 22, 0, 0, 0, 1], 16);
  return bytes;
}

/** The probe, whose first instruction is now one that no processor has: ud2 on x86-64, udf on ARM. */
function illegalProgram(): Uint8Array {
  const bytes = Uint8Array.from(probeProgram(parsePlatform(native)) ?? []);
  const view = new DataView(bytes.buffer);
  const [entry, base] = [view.getBigUint64(24, true), view.getBigUint64(64 + 16, true)];
  bytes.set(native === "linux/amd64" ? [0x0f, 0x0b] : [0, 0, 0, 0], Number(entry - base));
  return bytes;
}

/** The header of a library of an ARM Mac. */
function machO(): Uint8Array {
  const bytes = new Uint8Array(4096);
  bytes.set([0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 0x01, 0, 0, 0, 0, 0x08]);
  return bytes;
}
