/** The engines that the end-to-end tests run on: each of its own version or image store, in its own network namespace. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { isAlive } from "../src/process/alive.ts";
import { ensureBaseImage } from "./base-image.ts";
import { ensureBuildkitImage } from "./buildkit.ts";
import { installPackages, unpackPackages } from "./debian.ts";
import { ensureEmulators } from "./emulator.ts";
import { clearEngine, ensureEnginePackages, startEngine } from "./engine.ts";
import { ensureNetwork, insideNetwork, removeNetwork } from "./network.ts";
import { builtOnce, type Cannot, cannot, createSite, isRoot, type Site } from "./site.ts";

export interface BenchEngine {
  /** `classic`, `containerd`, `oldest`. */
  readonly name: string;
  readonly imageStore: "classic" | "containerd";
  /** What BuildKit's container is made of. */
  readonly buildkitImage: string;
  /** OCI layout of debian:bookworm-slim for linux/amd64 and linux/arm64. */
  readonly baseLayout: string;
  /** Where built things are kept between runs; tests that provision more keep it there too. */
  readonly provisioned: string;
  /** argv in front of a program that is to run where this engine's ports are published. */
  readonly inside: readonly string[];
  /** `DOCKER_HOST`, `PATH` and configuration directories of this engine's own. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Bench {
  readonly outcome: "up";
  readonly engines: readonly BenchEngine[];
  /** Stops the engines and removes what they had; nothing stays but the cache. */
  down(): Promise<void>;
}

interface BenchPlan {
  readonly name: string;
  readonly imageStore: "classic" | "containerd";
  /** Debian 13's packages, the oldest engine worth supporting (26.1.5, buildx 0.13.1). */
  readonly isOldest?: boolean;
}

const plans: readonly BenchPlan[] = [
  { name: "classic", imageStore: "classic" },
  { name: "containerd", imageStore: "containerd" },
  { name: "oldest", imageStore: "classic", isOldest: true },
];

/** Brings up the engines named in `only` (all when absent), or says in one sentence why that cannot be. */
export async function bringUpBench(options: {
  readonly report: (line: string) => void;
  readonly signal: AbortSignal;
  readonly only?: readonly string[];
}): Promise<Bench | Cannot> {
  if (process.platform !== "linux" || !isRoot())
    return cannot("engines can be started as root on Linux only");
  const site = createSite(options);
  const packages = await ensureEnginePackages(site);
  if (packages.outcome === "cannot") return packages;
  await installPackages(site, ["iproute2", "busybox-static"]);
  const emulators = await ensureEmulators(site, ["linux/amd64", "linux/arm64"]);
  if (emulators.outcome === "cannot") return emulators;
  await mkdir(site.cache, { recursive: true });
  await clearDeadBenches(site);
  const directory = await mkdtemp(path.join(site.cache, `bench-${process.pid}-`));
  const undo: (() => Promise<void>)[] = [
    async () => await rm(directory, { recursive: true, force: true }),
  ];
  const down = async () => {
    const failures: unknown[] = [];
    // One that fails must not keep the others from being done.
    for (const step of undo.splice(0).toReversed())
      await step().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, "the bench was not removed whole");
  };
  try {
    const engines: BenchEngine[] = [];
    for (const plan of plans) {
      if (options.only !== undefined && !options.only.includes(plan.name)) continue;
      const engine = await bringUp(site, { plan, directory, undo });
      if ("outcome" in engine) {
        await down();
        return engine;
      }
      engines.push(engine);
    }
    return { outcome: "up", engines, down };
  } catch (error) {
    await down();
    throw error;
  }
}

/** Removes what runs left that were killed: their engines, mounts, namespaces and directories. */
async function clearDeadBenches(site: Site): Promise<void> {
  for (const name of await readdir(site.cache)) {
    const pid = Number(/^bench-(\d+)-/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    site.report(`Removing what the killed run ${pid} left`);
    for (const plan of plans) {
      await clearEngine(site, path.join(site.cache, name, plan.name));
      const { network, subnet } = networkOf(plan, pid);
      await removeNetwork(site, network, subnet);
    }
    await rm(path.join(site.cache, name), { recursive: true, force: true });
  }
}

/** The namespace of an engine and the third number of its subnet; two runs at once get different ones. */
function networkOf(plan: BenchPlan, pid: number): { network: string; subnet: number } {
  const subnet = 100 + plans.indexOf(plan) + plans.length * (pid % 50);
  return { network: `transship-${plan.name}-${pid}`, subnet };
}

async function bringUp(
  site: Site,
  options: {
    readonly plan: BenchPlan;
    readonly directory: string;
    readonly undo: (() => Promise<void>)[];
  },
): Promise<BenchEngine | Cannot> {
  const { plan, undo } = options;
  const directory = path.join(options.directory, plan.name);
  const { network, subnet } = networkOf(plan, process.pid);
  undo.push(async () => await removeNetwork(site, network, subnet));
  await ensureNetwork(site, network, subnet);
  const inside = insideNetwork(network);
  const programs = plan.isOldest === true ? await oldestPrograms(site) : undefined;
  const engine = await startEngine(site, {
    directory,
    imageStore: plan.imageStore,
    inside,
    ...(programs === undefined ? {} : { programs: programPath(programs) }),
  });
  undo.push(async () => await engine.stop());
  const env = await environment(directory, engine.host, programs);
  const buildkit = await ensureBuildkitImage(site, env);
  if (buildkit.outcome === "cannot") return buildkit;
  const buildkitImage = buildkit.image ?? "moby/buildkit:buildx-stable-1";
  const baseLayout = await withBuilder(site, { env, buildkitImage }, async (name) => {
    return await ensureBaseImage(site, ["linux/amd64", "linux/arm64"], { name, env });
  });
  site.report(`Engine ${plan.name} is up (${plan.imageStore} image store)`);
  const { cache: provisioned } = site;
  const { name, imageStore } = plan;
  return { name, imageStore, buildkitImage, baseLayout, provisioned, inside, env };
}

/** Debian 13's engine, unpacked beside the installed one: two versions of one package cannot both be installed. */
async function oldestPrograms(site: Site): Promise<string> {
  return await builtOnce(site, "engine-trixie", async (directory) => {
    site.report("Unpacking Debian 13's engine, the oldest that is supported");
    // Its runc wants a newer C library; the one that is installed serves it as well.
    const names = ["docker.io", "docker-cli", "docker-buildx", "containerd"];
    await unpackPackages(site, names, "trixie", directory);
  });
}

function programPath(directory: string): string {
  return ["usr/bin", "usr/sbin"].map((name) => path.join(directory, name)).join(":");
}

/** An environment in which docker and buildx keep to this engine, and a store of its own. */
async function environment(
  directory: string,
  host: string,
  programs: string | undefined,
): Promise<Record<string, string>> {
  const config = path.join(directory, "config");
  await mkdir(config, { recursive: true });
  const plugins =
    programs === undefined ? [] : [path.join(programs, "usr/libexec/docker/cli-plugins")];
  await writeFile(
    path.join(config, "config.json"),
    JSON.stringify({ cliPluginsExtraDirs: plugins }),
  );
  // A client in /usr/local may shadow the one that came with the engine.
  const before = programs === undefined ? "/usr/bin" : programPath(programs);
  return {
    DOCKER_HOST: host,
    DOCKER_CONFIG: config,
    BUILDX_CONFIG: path.join(directory, "buildx"),
    XDG_CACHE_HOME: path.join(directory, "cache"),
    PATH: `${before}:${process.env["PATH"] ?? ""}`,
  };
}

/** A builder for making the base image, gone afterwards. */
async function withBuilder<T>(
  site: Site,
  { env, buildkitImage }: Pick<BenchEngine, "env" | "buildkitImage">,
  work: (name: string) => Promise<T>,
): Promise<T> {
  const name = "transship-provision";
  const options = `image=${buildkitImage},network=host`;
  await site.run(
    [
      "docker",
      "buildx",
      "create",
      "--name",
      name,
      "--driver",
      "docker-container",
      "--driver-opt",
      options,
    ],
    { env },
  );
  try {
    return await work(name);
  } finally {
    await site.attempt(["docker", "buildx", "rm", "--force", name], { env });
  }
}
