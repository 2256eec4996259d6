/** What is killed or runs full in the midst of a build, on an engine that nothing else uses: a clear end, and the next run works. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import type { TestContext } from "node:test";
import { execa } from "execa";
import { ensureBuildkitImage } from "../../provision/buildkit.ts";
import { startEngine } from "../../provision/engine.ts";
import { insideNetwork } from "../../provision/network.ts";
import { createSite } from "../../provision/site.ts";
import { isAlive } from "../../src/process/alive.ts";
import {
  baseFlags,
  directory,
  engineTest,
  main,
  type TestEngine,
  tinyContext,
  until,
} from "./engine.ts";

interface OwnEngine {
  /** Runs `transship …` there. `at` is called once its standard error has that text. */
  run(
    args: readonly string[],
    watch?: { readonly text: string; readonly at: () => Promise<void> },
  ): Promise<{ readonly exitCode: number | null; readonly stderr: string }>;
  /** Kills the engine as the kernel would. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** An engine in a network namespace of its own, its data on a disk of that size where one is named. */
async function ownEngine(
  engine: TestEngine,
  context: TestContext,
  { disk }: { readonly disk?: string } = {},
): Promise<OwnEngine> {
  const undo: (() => Promise<unknown>)[] = [];
  // Registered before the directory is, and so done before that is removed.
  context.after(async () => {
    for (const step of undo.toReversed()) await step();
  });
  const where = await directory(context);
  const data = path.join(where, "engine", "data");
  await mkdir(data, { recursive: true });
  if (disk !== undefined) {
    await execa("mount", ["-t", "tmpfs", "-o", `size=${disk}`, "tmpfs", data]);
    undo.push(async () => await execa("umount", ["--lazy", data], { reject: false }));
  }
  const network = path.basename(where);
  await execa("ip", ["netns", "add", network]);
  undo.push(async () => await execa("ip", ["netns", "delete", network], { reject: false }));
  const inside = insideNetwork(network);
  await execa("ip", ["-netns", network, "link", "set", "lo", "up"]);
  const signal = new AbortController().signal;
  const site = createSite({ signal, report: () => {}, cache: engine.provisioned });
  const options = { directory: path.join(where, "engine"), imageStore: engine.imageStore, inside };
  const started = await startEngine(site, options);
  undo.push(async () => await started.stop());
  const pidFile = path.join(where, "engine", "pid");
  const pid = async () => Number(await readFile(pidFile, "utf8"));
  const argv = (await readFile(`/proc/${await pid()}/cmdline`, "utf8")).split("\0").slice(0, -1);
  const env = {
    ...process.env,
    DOCKER_HOST: started.host,
    DOCKER_CONFIG: path.join(where, "config"),
    BUILDX_CONFIG: path.join(where, "buildx"),
    XDG_CACHE_HOME: path.join(where, "cache"),
  };
  const image = await ensureBuildkitImage(site, {
    DOCKER_HOST: env.DOCKER_HOST,
    DOCKER_CONFIG: env.DOCKER_CONFIG,
  });
  assert.equal(image.outcome, "ready");
  const [program, ...before] = inside;
  const own: OwnEngine = {
    async run(args, watch) {
      const child = spawn(program, [...before, process.execPath, main, ...args], {
        env,
        stdio: ["ignore", "ignore", "pipe"],
      });
      let stderr = "";
      let seen: Promise<void> | undefined;
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
        if (watch !== undefined && stderr.includes(watch.text)) seen ??= watch.at();
      });
      await once(child, "close");
      await seen;
      return { exitCode: child.exitCode, stderr };
    },
    kill: async () => void process.kill(await pid(), "SIGKILL"),
    async restart() {
      // As its service manager does: the same command, over what the last one left.
      spawn(program, [...before, ...argv], { detached: true, stdio: "ignore" }).unref();
      await until(async () => {
        const asked = await execa("docker", ["version"], { env, reject: false });
        return asked.exitCode === 0;
      });
      undo.push(async () => {
        const last = await pid();
        process.kill(last, "SIGTERM");
        await until(async () => !isAlive(last));
      });
    },
  };
  const setup = await own.run(["setup", "--buildkit-image", engine.buildkitImage]);
  assert.equal(setup.exitCode, 0, setup.stderr);
  return own;
}

engineTest("an engine that is killed while it loads", async (engine, context) => {
  if (engine.name !== "classic") return context.skip("tried on one engine");
  const own = await ownEngine(engine, context);
  const filler = randomBytes(150_000_000);
  const sources = await directory(context, {
    ...tinyContext('FROM scratch\nCOPY filler /\nCOPY --chmod=755 amd64 /probe\nCMD ["/probe"]\n'),
    filler,
  });
  const build = [
    "build",
    "-i",
    "transship-test-killed",
    "-c",
    sources,
    "--platform",
    "linux/amd64",
  ];
  const ended = await own.run(build, {
    text: "$ docker image load",
    at: async () => await own.kill(),
  });
  assert.ok(ended.exitCode === 4 || ended.exitCode === 5, `${ended.exitCode} ${ended.stderr}`);
  assert.match(ended.stderr, /^error\[(?:ENGINE_UNREACHABLE|DOCKER_FAILED)\]: .*\n {2}→ /m);
  await own.restart();
  const again = await own.run(build);
  assert.equal(again.exitCode, 0, again.stderr);
});

engineTest("a builder whose disk is full", async (engine, context) => {
  if (engine.name !== "classic") return context.skip("tried on one engine");
  const own = await ownEngine(engine, context, { disk: "1700m" });
  const sources = await directory(context, {
    Dockerfile: "FROM debian:bookworm-slim\nRUN head -c 2000000000 /dev/zero > /filler\n",
  });
  const build = ["build", "-i", "transship-test-full", "--platform", "linux/amd64", "--no-load"];
  const ended = await own.run([...build, "-c", sources, ...baseFlags(engine)]);
  assert.equal(ended.exitCode, 4, ended.stderr);
  assert.match(ended.stderr, /^error\[DISK_FULL\]/m);
  const tiny = await directory(context, tinyContext());
  const again = await own.run([...build, "-c", tiny]);
  assert.equal(again.exitCode, 0, again.stderr);
});
