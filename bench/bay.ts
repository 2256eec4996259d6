/** A server to ship to, and `transship ship` to it. */
import path from "node:path";
import type { Run } from "./measure.ts";
import type { Server } from "./server.ts";
import type { Setting } from "./setting.ts";

export interface Bay {
  readonly setting: Setting;
  readonly server: Server;
  /** Of the image of 1.5 GB. */
  readonly layout: string;
}

/** What it is called there. */
export const name = "transship-bench/ship:1";

export function shipping({ setting, server }: Bay, layout: string): Run {
  const argv = ["ship", `oci:${layout}`, server.login, "--name", name];
  return { argv: setting.transship(...argv), env: environment(setting, server) };
}

/** The store is the benchmark's own, as is what is kept of layers that were read. */
export function environment(
  { env, directory }: Setting,
  { client }: Server,
): Record<string, string> {
  const cache = path.join(directory, "ship-cache");
  return { ...env, XDG_CACHE_HOME: cache, PATH: `${client}:${env["PATH"] ?? process.env["PATH"]}` };
}
