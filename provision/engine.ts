/** Engines: the one that a user has, and those that tests start for themselves. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { waitFor } from "../src/process/wait.ts";
import { startDaemon, stopDaemon } from "./daemon.ts";
import { distribution, hasCommands, installPackages } from "./debian.ts";
import { type Cannot, cannot, exists, isRoot, type Site } from "./site.ts";

/** Debian's own engine is older than buildx; a newer suite's packages install as they are. */
const debianPackages = [
  "docker.io/sid",
  "docker-cli/sid",
  "docker-buildx/sid",
  "docker-compose/sid",
  "containerd/sid",
  "runc",
  "iptables",
];

/**
 * Makes sure that an engine with buildx answers to `docker`: the one that runs is taken; else, on Debian and Ubuntu as
 * root, the distribution's packages are installed and started.
 */
export async function ensureEngine(site: Site): Promise<{ readonly outcome: "ready" } | Cannot> {
  const [answers, hasBuildx] = await Promise.all([engineAnswers(site, {}), buildxAnswers(site)]);
  if (answers && hasBuildx) return { outcome: "ready" };
  if (answers) {
    return cannot(
      "docker has no buildx: install the package docker-buildx (Debian, Ubuntu) or docker-buildx-plugin (docker.com).",
    );
  }
  const installed = await ensureEnginePackages(site);
  if (installed.outcome === "cannot") return installed;
  site.report("Starting the engine");
  if (await exists("/run/systemd/system")) {
    await site.run(["systemctl", "start", "docker"]);
  } else {
    await startDaemon(site, ["dockerd"], path.join(site.cache, "dockerd.log"));
  }
  await waitForEngine(site, {});
  return { outcome: "ready" };
}

/** Makes sure that the engine's programs are installed, where that can be done without asking. */
export async function ensureEnginePackages(
  site: Site,
): Promise<{ readonly outcome: "ready" } | Cannot> {
  if (process.platform === "darwin") {
    return cannot(
      "Install and start Docker Desktop, OrbStack or Colima (brew install colima docker docker-buildx).",
    );
  }
  if (process.platform !== "linux") return cannot("Install and start Docker Desktop.");
  const hasEngine = await hasCommands(site, "dockerd", "iptables");
  if (hasEngine && (await buildxAnswers(site))) {
    return isRoot()
      ? { outcome: "ready" }
      : cannot("Start the engine: sudo systemctl start docker");
  }
  const named = await distribution();
  if (!isRoot() || !["debian", "ubuntu"].includes(named)) {
    return cannot(
      "Install Docker Engine with buildx (https://docs.docker.com/engine/install/) and start it.",
    );
  }
  site.report("Installing an engine with buildx from the distribution's packages");
  if (named === "debian") await installPackages(site, debianPackages);
  else await installPackages(site, ["docker.io", "docker-buildx", "docker-compose-v2", "iptables"]);
  return { outcome: "ready" };
}

export interface TestEngineOptions {
  /** Holds everything of the engine: socket, data, log, pid. */
  readonly directory: string;
  readonly imageStore: "classic" | "containerd";
  /** argv in front of `dockerd`: the way into its network namespace. */
  readonly inside: readonly string[];
  /** Directories in front of the PATH, for an engine that is not the installed one. */
  readonly programs?: string;
  /** Further flags of `dockerd`: an address to listen on, certificates. */
  readonly flags?: readonly string[];
}

export interface TestEngine {
  /** `unix://…`. */
  readonly host: string;
  stop(): Promise<void>;
}

/** Starts an engine with data, socket and log of its own; ready when this returns. */
export async function startEngine(site: Site, options: TestEngineOptions): Promise<TestEngine> {
  const { directory, imageStore, inside, programs, flags: more = [] } = options;
  await mkdir(directory, { recursive: true });
  const at = (name: string) => path.join(directory, name);
  const host = `unix://${at("docker.sock")}`;
  const features = { "containerd-snapshotter": imageStore === "containerd" };
  await writeFile(at("daemon.json"), JSON.stringify({ features }));
  const execRoot = await mkdtemp("/run/transship-");
  await writeFile(at("exec-root"), execRoot);
  const flags = [
    "--config-file",
    at("daemon.json"),
    "--data-root",
    at("data"),
    "--exec-root",
    execRoot,
    ...more,
  ];
  const env = programs === undefined ? {} : { PATH: `${programs}:${process.env["PATH"] ?? ""}` };
  const daemon = [...inside, "dockerd", ...flags, "--pidfile", at("pid"), "-H", host];
  const pid = await startDaemon(site, daemon, at("log"), env);
  const stop = async () => {
    await stopDaemon(pid);
    await clearEngine(site, directory);
  };
  try {
    await waitForEngine(site, { DOCKER_HOST: host, ...env });
  } catch (error) {
    await stop();
    const log = await readFile(at("log"), "utf8").catch(() => "");
    throw new Error(`dockerd did not start:\n${log.split("\n").slice(-8).join("\n")}`, {
      cause: error,
    });
  }
  return { host, stop };
}

/** Ends what an engine of a killed run left: the daemon, if its id is still that daemon's, and its mounts. */
export async function clearEngine(site: Site, directory: string): Promise<void> {
  const pid = Number(await readFile(path.join(directory, "pid"), "utf8").catch(() => "0"));
  const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  if (command.includes(directory)) await stopDaemon(pid);
  await unmountBelow(site, directory);
  const execRoot = await readFile(path.join(directory, "exec-root"), "utf8").catch(() => "");
  if (!execRoot.startsWith("/run/transship-")) return;
  await unmountBelow(site, execRoot);
  await rm(execRoot, { recursive: true, force: true });
}

/** An engine leaves mounts behind (network namespaces, a killed container's file system); nothing can be removed below them. */
async function unmountBelow(site: Site, directory: string): Promise<void> {
  const mounts = await readFile("/proc/self/mounts", "utf8");
  const below = mounts
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((target) => target.startsWith(`${directory}/`));
  for (const target of below.toReversed()) await site.attempt(["umount", "--lazy", target]);
}

async function waitForEngine(site: Site, env: Readonly<Record<string, string>>): Promise<void> {
  await waitFor(async () => ((await engineAnswers(site, env)) ? true : undefined), {
    what: "The engine's start",
    deadlineMs: 60_000,
    everyMs: 100,
    signal: site.signal,
  });
}

async function engineAnswers(site: Site, env: Readonly<Record<string, string>>): Promise<boolean> {
  return await succeeds(site, ["docker", "version", "--format", "{{.Server.Version}}"], env);
}

async function buildxAnswers(site: Site): Promise<boolean> {
  return await succeeds(site, ["docker", "buildx", "version"], {});
}

async function succeeds(
  site: Site,
  argv: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
): Promise<boolean> {
  try {
    return (await site.attempt(argv, { env, deadlineMs: 10_000 })).exitCode === 0;
  } catch {
    // No docker at all, or one that hangs: either way it does not answer.
    site.signal.throwIfAborted();
    return false;
  }
}
