/** A registry: Debian's docker-registry, with its blobs in a directory. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { hasCommands, installPackages } from "./debian.ts";
import type { Site } from "./site.ts";

export interface RegistryOptions {
  /** The address that it listens on. Default: the loopback's. */
  readonly address?: string;
  /** A file of htpasswd(1), with bcrypt, of those who are let in. Default: everybody. */
  readonly logins?: string;
  /** argv in front of it: the way into its network namespace. Default: none. */
  readonly inside?: readonly string[];
}

export interface Registry {
  /** `127.0.0.1:40123`. */
  readonly host: string;
  /** What it has answered, in that order: `PUT /v2/app/manifests/1 201`. */
  readonly answers: readonly string[];
  stop(): Promise<void>;
}

/** Starts one that keeps what it has below `directory`. @throws when it does not start */
export async function startRegistry(
  site: Site,
  directory: string,
  options: RegistryOptions = {},
): Promise<Registry> {
  if (!(await hasCommands(site, "docker-registry"))) {
    await installPackages(site, ["docker-registry"]);
  }
  const file = path.join(directory, "registry.yml");
  const [program, ...args] = [...(options.inside ?? []), "docker-registry", "serve", file];
  await writeFile(file, configuration(path.join(directory, "registry"), options));
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
  const exited = once(child, "exit");
  // Whoever waits for it hears of a program that is not there.
  exited.catch(() => {});
  const stop = async () => {
    child.kill();
    await exited;
  };
  const answers: string[] = [];
  const said: string[] = [];
  // Its log is read to its end, so that the pipe does not fill.
  const log = createInterface({ input: child.stderr });
  const address = new Promise<string>((resolve, reject) => {
    log.on("line", (line) => {
      said.push(line);
      const [, listening] = /listening on (\S+:\d+)/.exec(line) ?? [];
      if (listening !== undefined) resolve(listening);
      const answer = answerIn(line);
      if (answer !== undefined) answers.push(answer);
    });
    const end = () => reject(new Error(`docker-registry did not start:\n${said.join("\n")}`));
    log.once("close", end);
    site.signal.addEventListener("abort", end, { once: true });
  });
  try {
    return { host: await address, answers, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** JSON is YAML as well. Port 0 is any that is free. */
function configuration(
  rootdirectory: string,
  { address = "127.0.0.1", logins }: RegistryOptions,
): string {
  return JSON.stringify({
    version: "0.1",
    log: { level: "info" },
    storage: { filesystem: { rootdirectory } },
    http: { addr: `${address}:0` },
    ...(logins === undefined ? {} : { auth: { htpasswd: { realm: "harbour", path: logins } } }),
  });
}

function answerIn(line: string): string | undefined {
  if (!line.includes('msg="response completed')) return undefined;
  const word = (name: string) => new RegExp(` http\\.${name}="?([^" ]+)`).exec(line)?.[1] ?? "";
  const [uri] = word("request.uri").split("?");
  return `${word("request.method")} ${uri} ${word("response.status")}`;
}
