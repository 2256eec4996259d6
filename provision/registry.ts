/** A registry on the loopback: Debian's docker-registry, with its blobs in a directory. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { hasCommands, installPackages } from "../provision/debian.ts";
import type { Site } from "../provision/site.ts";

export interface Registry {
  /** `127.0.0.1:40123`. */
  readonly host: string;
  stop(): Promise<void>;
}

/** Starts one that keeps what it has below `directory`; `inside`: the way into its network namespace. @throws when it does not start */
export async function startRegistry(
  site: Site,
  directory: string,
  inside: readonly string[] = [],
): Promise<Registry> {
  if (!(await hasCommands(site, "docker-registry"))) {
    await installPackages(site, ["docker-registry"]);
  }
  const file = path.join(directory, "registry.yml");
  await writeFile(file, configuration(path.join(directory, "registry")));
  const [program, ...args] = [...inside, "docker-registry", "serve", file];
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(child, "exit");
  // Whoever waits for it hears of a program that is not there.
  exited.catch(() => {});
  const stop = async () => {
    child.kill();
    await exited;
  };
  try {
    return { host: await addressIn(child.stderr, site.signal), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** JSON is YAML as well. Port 0 is any that is free. */
function configuration(rootdirectory: string): string {
  const log = { level: "info" };
  const storage = { filesystem: { rootdirectory } };
  return JSON.stringify({ version: "0.1", log, storage, http: { addr: "127.0.0.1:0" } });
}

/** Where it listens, by its own log, which is read on so that the pipe does not fill. */
async function addressIn(log: Readable, signal: AbortSignal): Promise<string> {
  const said: string[] = [];
  for await (const line of createInterface({ input: log, signal })) {
    const [, address] = /listening on (\S+:\d+)/.exec(line) ?? [];
    if (address !== undefined) {
      log.resume();
      return address;
    }
    said.push(line);
  }
  signal.throwIfAborted();
  throw new Error(`docker-registry did not start:\n${said.slice(-5).join("\n")}`);
}
