/** A second machine: a network namespace beside the engine's own, with an engine and an ssh server in it. */
import { once } from "node:events";
import { mkdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { startEngine } from "../../provision/engine.ts";
import { ensureNetwork, insideNetwork, removeNetwork } from "../../provision/network.ts";
import { createSite, type Site } from "../../provision/site.ts";
import {
  type SshServer,
  type SshServerOptions,
  startSshServer,
} from "../../provision/ssh-server.ts";
import { isAlive } from "../../src/process/alive.ts";
import { certificates } from "./certificates.ts";
import { type CleanUp, directory, type TestEngine, until } from "./engine.ts";

export interface OtherNetwork {
  readonly site: Site;
  /** Of its network namespace. */
  readonly name: string;
  readonly address: string;
  /** argv in front of a program that is to run there. */
  readonly inside: readonly string[];
}

/** Of this process, so far. */
let networks = 0;

/** A network namespace that is joined to the one this test runs in; gone when the test ends. */
export async function otherNetwork(engine: TestEngine, context: CleanUp): Promise<OtherNetwork> {
  const signal = new AbortController().signal;
  const site = createSite({ signal, report: () => {}, cache: engine.provisioned });
  networks += 1;
  const name = `transship-node-${process.pid}-${networks}`;
  const subnet = 30 + ((process.pid + 7 * networks) % 60);
  context.after(async () => await removeNetwork(site, name, subnet));
  const { address } = await ensureNetwork(site, name, subnet);
  return { site, name, address, inside: insideNetwork(name) };
}

export interface OtherMachine {
  /** What `--node` takes. */
  readonly endpoint: string;
  readonly server: SshServer;
  /** The PATH on which `ssh` knows the machine. */
  readonly path: string;
  /** Runs `docker …` on it, as if there. */
  docker(...args: readonly string[]): Promise<string>;
  /** Ends and starts its engine. */
  halt(): Promise<void>;
  boot(): Promise<void>;
}

/** Starts it, with BuildKit's image in its engine. */
export async function otherMachine(engine: TestEngine, context: CleanUp): Promise<OtherMachine> {
  const machine = await bareMachine(engine, context);
  await bringImage(engine.buildkitImage, machine.host);
  return machine;
}

export interface MachineWishes extends Pick<SshServerOptions, "settings" | "user" | "cpuinfo"> {
  /** Bytes that its engine's disk has; absent: this machine's. */
  readonly disk?: number;
  /** Further flags of its engine. */
  readonly flags?: readonly string[];
  /** What a login there has in its environment beside the engine's address. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface BareMachine extends OtherMachine {
  /** Its engine's address, for this machine. */
  readonly host: string;
  readonly address: string;
  /** The directory in which its programs keep what they know. */
  readonly state: string;
  /** argv in front of a program that is to run there. */
  readonly inside: readonly string[];
  /** Runs a program there. @returns what it prints */
  run(...argv: readonly string[]): Promise<string>;
  /** Starts node there with a script that prints something when it listens. @returns what ends it, as the end of the test does */
  listen(script: string, context: CleanUp): Promise<() => Promise<void>>;
  /** The ports of its loopback on which somebody listens. */
  loopbackPorts(): Promise<ReadonlySet<number>>;
  /** What runs there, with the words that it was called by or calls itself. */
  processes(): Promise<readonly { readonly pid: number; readonly words: string }[]>;
  /** Whatever runs there is killed, and it starts anew: a power cut. */
  powerCycle(): Promise<void>;
}

/** Starts it with nothing in its engine. */
export async function bareMachine(
  engine: TestEngine,
  context: CleanUp,
  { disk, flags = [], env: more = {}, ...login }: MachineWishes = {},
): Promise<BareMachine> {
  const network = await otherNetwork(engine, context);
  const { site, address, inside } = network;
  const files = await directory(context);
  const options = { ...engineOptions(engine, network, context), flags };
  if (disk !== undefined) await smallDisk(site, options.directory, disk, context);
  let running = await startEngine(site, options);
  context.after(async () => await running.stop());
  const env = { DOCKER_HOST: running.host };
  // Its home directory is this machine's, and what is kept there must not be another's.
  const state = path.join(files, "state");
  const own = { ...env, XDG_STATE_HOME: state };
  const where = { directory: files, inside, address, env: { ...own, ...more } };
  const server = await startSshServer(site, { ...where, ...login });
  context.after(async () => await server.stop());
  const run = async (...argv: readonly string[]) => {
    const [program = "", ...args] = [...inside, ...argv];
    return (await execa(program, args, { timeout: 30_000 })).stdout;
  };
  const boot = async () => {
    running = await startEngine(site, options);
  };
  return {
    endpoint: `ssh://root@${address}`,
    host: running.host,
    state,
    address,
    inside,
    server,
    path: `${server.client}:${process.env["PATH"] ?? ""}`,
    docker: async (...args) => (await execa("docker", args, { env, timeout: 60_000 })).stdout,
    halt: async () => await running.stop(),
    boot,
    run,
    async listen(script, user) {
      const [program, ...args] = [...inside, process.execPath, "-e", script];
      const listener = execa(program, args, { reject: false });
      const end = async () => {
        listener.kill();
        await listener;
      };
      user.after(end);
      await once(listener.stdout, "data");
      return end;
    },
    async loopbackPorts() {
      const sockets = await run("ss", "-Hltn");
      const found = sockets.matchAll(/127\.0\.0\.1:(\d+)/g);
      return new Set([...found].map(([, port]) => Number(port)));
    },
    processes: async () => await processesOf(network),
    async powerCycle() {
      await killAllOf(network);
      // What is left to stop is its mounts.
      await running.stop();
      await boot();
      await server.restart();
    },
  };
}

async function processesOf({ site, name }: OtherNetwork) {
  const { stdout } = await site.run(["ip", "netns", "pids", name]);
  const pids = stdout.split("\n").filter((pid) => pid !== "");
  const lines = await Promise.all(
    // One may have ended meanwhile.
    pids.map(async (pid) => await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return pids.map((pid, n) => ({
    pid: Number(pid),
    words: (lines[n] ?? "").replaceAll("\0", " ").trim(),
  }));
}

/** With what runs in containers there, whose networks are their own: it descends from what starts them. */
async function killAllOf(network: OtherNetwork): Promise<void> {
  const all = await withDescendants((await processesOf(network)).map(({ pid }) => pid));
  for (const pid of all) if (isAlive(pid)) process.kill(pid, "SIGKILL");
  await until(async () => [...all].every((pid) => !isAlive(pid)));
}

async function withDescendants(pids: readonly number[]): Promise<ReadonlySet<number>> {
  const { stdout } = await execa("ps", ["-e", "-o", "pid=,ppid="]);
  const pairs = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  const found = new Set(pids);
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const [pid = 0, parent = 0] of pairs) if (found.has(parent)) found.add(pid);
  }
  return found;
}

/** A file system in memory in the place of the engine's data. */
async function smallDisk(site: Site, engineFiles: string, bytes: number, context: CleanUp) {
  const data = path.join(engineFiles, "data");
  await mkdir(data, { recursive: true });
  await site.run(["mount", "-t", "tmpfs", "-o", `size=${bytes}`, "transship", data]);
  context.after(async () => void (await site.attempt(["umount", "--lazy", data])));
}

/** One whose engine is asked over TCP, by whoever has a certificate of its authority. */
export async function securedMachine(
  engine: TestEngine,
  context: CleanUp,
): Promise<{ readonly endpoint: string; readonly certificates: string }> {
  const network = await otherNetwork(engine, context);
  const { site, address } = network;
  const files = await certificates(context, `IP:${address}`);
  const endpoint = `tcp://${address}:2376`;
  const tls = ["--tlsverify", "--tlscacert", `${files}/ca.pem`];
  const own = ["--tlscert", `${files}/server.pem`, "--tlskey", `${files}/server.key`];
  const flags = ["-H", endpoint, ...tls, ...own];
  const options = { ...engineOptions(engine, network, context), flags };
  const running = await startEngine(site, options);
  context.after(async () => await running.stop());
  await bringImage(engine.buildkitImage, running.host);
  return { endpoint, certificates: files };
}

function engineOptions(engine: TestEngine, { inside }: OtherNetwork, context: CleanUp) {
  const data = path.join(engine.provisioned, `node-${process.pid}-${networks}-${engine.name}`);
  context.after(async () => await rm(data, { recursive: true, force: true }));
  return { directory: data, imageStore: engine.imageStore, inside };
}

async function bringImage(image: string, host: string): Promise<void> {
  const saved = execa("docker", ["save", image], { buffer: false });
  await saved.pipe("docker", ["load"], { env: { DOCKER_HOST: host }, timeout: 120_000 });
}
