/** What buildx keeps of a builder in a file of its own (docker/buildx, `store/store.go`, `store/nodegroup.go`): read at no cost. */
import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import path from "node:path";
import * as z from "zod";
import { formatPlatform, platformOf } from "../platform/platform.ts";

export interface KeptBuilder {
  readonly driver: string;
  readonly nodes: readonly KeptNode[];
}

export interface KeptNode {
  readonly name: string;
  /** A context's name, or an engine's or BuildKit's address. */
  readonly endpoint: string;
  /**
   * Those that were fixed for it (`--platform`), in their order; what else its BuildKit offers stands nowhere here. A node that
   * is added takes those that it is fixed to away from all others.
   */
  readonly platforms: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

const node = z.object({
  Name: z.string(),
  Endpoint: z.string().default(""),
  Platforms: z
    .array(z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }))
    .nullish(),
  DriverOpts: z.record(z.string(), z.string()).nullish(),
});

const instance = z.object({ Driver: z.string(), Nodes: z.array(node).nullish() });

/** Where buildx keeps its files: `BUILDX_CONFIG`, `DOCKER_CONFIG` and `HOME` say it. */
export type KeptEnvironment = Readonly<Record<string, string | undefined>>;

/** The builder of that name; `undefined` where buildx keeps no file of it, or one that is not understood. */
export async function keptBuilder(
  name: string,
  env: KeptEnvironment,
): Promise<KeptBuilder | undefined> {
  try {
    const file = path.join(instancesDirectory(env), path.basename(name));
    return readKeptBuilder(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** All that can be read. */
export async function keptBuilders(env: KeptEnvironment): Promise<readonly KeptBuilder[]> {
  const names = await readdir(instancesDirectory(env)).catch(() => []);
  const builders = await Promise.all(names.map(async (name) => await keptBuilder(name, env)));
  return builders.filter((builder) => builder !== undefined);
}

/** The buildkitd.toml that buildx hands to builders that are made without one (docker/buildx, `util/confutil/config.go`). */
export function defaultConfigurationFile(env: KeptEnvironment): string {
  return path.join(buildxDirectory(env), "buildkitd.default.toml");
}

function instancesDirectory(env: KeptEnvironment): string {
  return path.join(buildxDirectory(env), "instances");
}

function buildxDirectory(env: KeptEnvironment): string {
  const docker = env["DOCKER_CONFIG"] || path.join(env["HOME"] || homedir(), ".docker");
  return env["BUILDX_CONFIG"] || path.join(docker, "buildx");
}

/** @throws SyntaxError, ZodError */
export function readKeptBuilder(json: string): KeptBuilder {
  const { Driver: driver, Nodes: nodes } = instance.parse(JSON.parse(json));
  return { driver, nodes: (nodes ?? []).map(readKeptNode) };
}

function readKeptNode(seen: z.infer<typeof node>): KeptNode {
  const platforms = (seen.Platforms ?? []).flatMap((one) => {
    const known = platformOf(one);
    return known === undefined ? [] : [formatPlatform(known)];
  });
  const { Name: name, Endpoint: endpoint, DriverOpts: options } = seen;
  return { name, endpoint, platforms, options: options ?? {} };
}
