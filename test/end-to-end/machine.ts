/** A second machine: a network namespace beside the engine's own, with an engine and an ssh server in it. */
import { rm } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { startEngine } from "../../provision/engine.ts";
import { ensureNetwork, insideNetwork, removeNetwork } from "../../provision/network.ts";
import { createSite, type Site } from "../../provision/site.ts";
import { type SshServer, startSshServer } from "../../provision/ssh-server.ts";
import { type CleanUp, directory, type TestEngine } from "./engine.ts";

export interface OtherNetwork {
  readonly site: Site;
  readonly address: string;
  /** argv in front of a program that is to run there. */
  readonly inside: readonly string[];
}

/** A network namespace that is joined to the one this test runs in; gone when the test ends. */
export async function otherNetwork(engine: TestEngine, context: CleanUp): Promise<OtherNetwork> {
  const signal = new AbortController().signal;
  const site = createSite({ signal, report: () => {}, cache: engine.provisioned });
  const name = `transship-node-${process.pid}`;
  const subnet = 30 + (process.pid % 60);
  context.after(async () => await removeNetwork(site, name, subnet));
  const { address } = await ensureNetwork(site, name, subnet);
  return { site, address, inside: insideNetwork(name) };
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
  const { site, address, inside } = await otherNetwork(engine, context);
  const files = await directory(context);
  const data = path.join(engine.provisioned, `node-${process.pid}-${engine.name}`);
  context.after(async () => await rm(data, { recursive: true, force: true }));
  const options = { directory: data, imageStore: engine.imageStore, inside };
  let running = await startEngine(site, options);
  context.after(async () => await running.stop());
  const env = { DOCKER_HOST: running.host };
  const server = await startSshServer(site, { directory: files, inside, address, env });
  context.after(async () => await server.stop());
  const docker = async (...args: readonly string[]) =>
    (await execa("docker", args, { env, timeout: 60_000 })).stdout;
  const saved = execa("docker", ["save", engine.buildkitImage], { buffer: false });
  await saved.pipe("docker", ["load"], { env, timeout: 120_000 });
  return {
    endpoint: `ssh://root@${address}`,
    server,
    path: `${server.client}:${process.env["PATH"] ?? ""}`,
    docker,
    halt: async () => await running.stop(),
    boot: async () => {
      running = await startEngine(site, options);
    },
  };
}
