import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import * as z from "zod";
import { openStore } from "../../src/store/store.ts";
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

const document = z.object({ error: z.object({ code: z.string(), hint: z.string() }) });

interface Case {
  readonly name: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly args?: (engine: TestEngine, sources: string) => readonly string[];
  readonly code: string;
  readonly exitCode: number;
}

const scratch = (lines: string) => tinyContext(`FROM scratch\n${lines}`);

/** What goes wrong in the Dockerfile, the flags or the surroundings, and the code that it gets for ever. */
const cases: readonly Case[] = [
  { name: "no Dockerfile", files: { other: "" }, code: "DOCKERFILE_MISSING", exitCode: 2 },
  {
    name: "an empty Dockerfile",
    files: { Dockerfile: "" },
    code: "DOCKERFILE_INVALID",
    exitCode: 1,
  },
  {
    name: "a broken Dockerfile",
    files: { Dockerfile: "FROM scratch\nFETCH a b\n" },
    code: "DOCKERFILE_INVALID",
    exitCode: 1,
  },
  {
    name: "a file that is not there",
    files: scratch("COPY nothing /\n"),
    code: "BUILD_FILE_MISSING",
    exitCode: 1,
  },
  {
    name: "a step that fails",
    files: scratch('COPY --chmod=755 amd64 /probe\nRUN ["/probe", "fail"]\n'),
    code: "BUILD_STEP_FAILED",
    exitCode: 1,
  },
  {
    name: "a stage that is not there",
    args: () => ["--target", "nowhere"],
    code: "BUILD_TARGET_UNKNOWN",
    exitCode: 2,
  },
  {
    name: "a base image that cannot be had",
    files: { Dockerfile: "FROM 127.0.0.1:1/nobody/nothing:1\n" },
    code: "BASE_REGISTRY_UNREACHABLE",
    exitCode: 4,
  },
  {
    name: "a base image of another platform",
    files: { Dockerfile: "FROM debian:bookworm-slim\n" },
    args: (engine) => ["--platform", "linux/s390x", ...baseFlags(engine)],
    code: "BASE_PLATFORM_MISSING",
    exitCode: 1,
  },
  {
    name: "a step for a platform without emulator",
    files: {
      Dockerfile: 'FROM scratch\nCOPY --chmod=755 foreign /probe\nRUN ["/probe"]\n',
      foreign: foreignProgram(),
    },
    args: () => ["--platform", "linux/s390x"],
    code: "EMULATOR_MISSING",
    exitCode: 4,
  },
  {
    name: "a context that is not there",
    args: () => ["-c", "/nowhere/at/all"],
    code: "CONTEXT_MISSING",
    exitCode: 2,
  },
  {
    name: "a platform that nobody knows",
    args: () => ["--platform", "linux/vax"],
    code: "PLATFORM_UNKNOWN",
    exitCode: 2,
  },
  {
    name: "a builder that is not there",
    args: () => ["--builder", "nobody"],
    code: "BUILDER_MISSING",
    exitCode: 4,
  },
  { name: "a word that is no flag", args: () => ["."], code: "USAGE", exitCode: 2 },
  {
    name: "a flag that buildx does not know",
    args: () => ["--", "--frobnicate"],
    code: "USAGE",
    exitCode: 2,
  },
  {
    name: "a name in upper case",
    args: () => ["-i", "Rustci"],
    code: "REFERENCE_INVALID",
    exitCode: 2,
  },
  {
    name: "a push to nobody's registry",
    args: () => ["--push"],
    code: "PUSH_TARGET_MISSING",
    exitCode: 2,
  },
  {
    name: "a store that is a file",
    args: (_engine, sources) => ["--store", path.join(sources, "Dockerfile")],
    code: "STORE_NOT_DIRECTORY",
    exitCode: 4,
  },
];

/** An ELF header of s390x and nothing behind it: no kernel here takes it. */
function foreignProgram(): Uint8Array {
  const bytes = new Uint8Array(256);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 2, 1]);
  bytes.set([0, 2, 0, 22, 0, 0, 0, 1], 16);
  return bytes;
}

for (const { name, files, args, code, exitCode } of cases) {
  engineTest(`${name}: ${code}`, async (engine, context) => {
    await ensureBuilder(engine);
    const sources = await directory(context, files ?? tinyContext());
    const store = await directory(context);
    const more = args?.(engine, sources) ?? [];
    const usual = { "-i": "transship-test-failure", "-c": sources };
    const flags = Object.entries(usual).flatMap((flag) => (more.includes(flag[0]) ? [] : flag));
    const ended = await transship(["build", "--json", ...flags, ...more], {
      env: { XDG_CACHE_HOME: store },
    });
    assert.equal(ended.exitCode, exitCode, ended.stderr);
    const { error } = document.parse(JSON.parse(ended.stdout));
    assert.equal(error.code, code, ended.stderr);
    assert.notEqual(error.hint, "");
    assert.doesNotMatch(ended.stderr, /\n {4}at /, "no stack trace without --verbose");
    assert.equal(await docker("image", "ls", "--quiet", "transship-test-failure"), "");
  });
}

engineTest("no space left for the store: DISK_FULL", async (engine, context) => {
  await ensureBuilder(engine);
  const files = {
    ...scratch('COPY filler /\nCMD ["/filler"]\n'),
    filler: Buffer.alloc(8_000_000, noise()),
  };
  const sources = await directory(context, files);
  const store = await directory(context);
  await execa("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", store]);
  try {
    const flags = ["-i", "transship-test-full", "-c", sources, "--store", store, "--json"];
    const ended = await transship(["build", ...flags]);
    const { error } = document.parse(JSON.parse(ended.stdout));
    assert.equal(error.code, "DISK_FULL", ended.stderr);
    assert.equal(ended.exitCode, 4);
  } finally {
    await execa("umount", [store]);
  }
});

/** Bytes that do not compress. */
function noise(): Buffer {
  const bytes = Buffer.alloc(1_000_003);
  let state = 1;
  for (let n = 0; n < bytes.length; n += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[n] = state >>> 24;
  }
  return bytes;
}

engineTest(
  "a store whose list of images is garbage: STORE_INDEX_DAMAGED",
  async (engine, context) => {
    await ensureBuilder(engine);
    const sources = await directory(context, tinyContext());
    const store = await directory(context);
    const build = [
      "build",
      "-i",
      "transship-test-index",
      "-c",
      sources,
      "--store",
      store,
      "--no-load",
      "--json",
    ];
    assert.equal((await transship(build)).exitCode, 0);
    await writeFile(path.join(store, "index.json"), "{");
    const ended = await transship(build);
    assert.equal(
      document.parse(JSON.parse(ended.stdout)).error.code,
      "STORE_INDEX_DAMAGED",
      ended.stderr,
    );
  },
);

for (const [signal, times] of [
  ["SIGINT", 1],
  ["SIGINT", 2],
  ["SIGTERM", 1],
  ["SIGKILL", 1],
] as const) {
  const what = times === 1 ? signal : `${signal} and once more`;
  engineTest(`${what} ends a build, and nothing of it runs on`, async (engine, context) => {
    await ensureBuilder(engine);
    // A step that says nothing more: whoever waits for its next word waits for ever.
    const files = { Dockerfile: "FROM debian:bookworm-slim\nRUN echo begun && sleep 86399\n" };
    const [sources, cache] = [await directory(context, files), await directory(context)];
    const flags = ["-i", "transship-test-interrupt", "-c", sources, ...baseFlags(engine)];
    const env = { ...process.env, XDG_CACHE_HOME: cache, TMPDIR: cache };
    const child = spawn(process.execPath, [main, "build", ...flags], {
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      // The step's own words, not the command that is shown with it.
      const isBegun = stderr.includes(" begun\n");
      stderr += text;
      if (isBegun || !stderr.includes(" begun\n")) return;
      child.kill(signal);
      // Two at once may arrive as one.
      if (times === 2) setTimeout(() => child.kill(signal), 30);
    });
    await once(child, "exit");
    if (signal !== "SIGKILL") assert.equal(child.exitCode, signal === "SIGINT" ? 130 : 143, stderr);
    if (signal !== "SIGKILL" && times === 1) {
      const hasHistory = (await docker("buildx", "history", "--help")).includes("build record");
      // It has been waited for, where buildx can say that it is over.
      if (hasHistory) assert.ok(!(await builderProcesses()).includes("sleep 86399"), stderr);
      assert.match(stderr, /error\[(?:INTERRUPTED|TERMINATED)\]/);
      assert.deepEqual(await readdir(path.join(cache, "transship", "store", ".lock")), []);
    }
    // After SIGKILL, or a second signal, the guard works on its own, a moment later.
    await until(async () => !(await builderProcesses()).includes("sleep 86399"));
    await until(async () => (await readdir(cache)).every((name) => !name.startsWith("transship-")));
    // The store is as good as before.
    const tiny = await directory(context, tinyContext());
    const next = await transship(
      ["build", "-i", "transship-test-interrupt", "-c", tiny, "--no-load"],
      { env: { XDG_CACHE_HOME: cache } },
    );
    assert.equal(next.exitCode, 0, next.stderr);
  });
}

async function builderProcesses(): Promise<string> {
  return await docker("top", "buildx_buildkit_multiarch-builder0", "-eo", "pid,args");
}

engineTest("a store that another run is clearing out: STORE_LOCKED", async (engine, context) => {
  // The wait for it is long, and the engine's kind does not matter.
  if (engine.name !== "classic") return context.skip("tried on one engine");
  await ensureBuilder(engine);
  const sources = await directory(context, tinyContext());
  const store = await openStore(path.join(sources, "store"));
  const lock = await store.lock("exclusive", { purpose: "a test that holds it" });
  context.after(async () => await lock.release());
  const flags = [
    "-i",
    "transship-test-locked",
    "-c",
    sources,
    "--store",
    store.directory,
    "--json",
  ];
  const ended = await transship(["build", ...flags]);
  assert.equal(ended.exitCode, 4, ended.stderr);
  assert.equal(document.parse(JSON.parse(ended.stdout)).error.code, "STORE_LOCKED");
  assert.match(ended.stderr, /is in use by .*a test that holds it/);
});
