/** Builders, as the buildx plugin keeps them (docker/buildx, docs/reference). Its listing is JSON since 0.13. */
import * as z from "zod";
import { fail, isFailure } from "../errors.ts";
import { type Docker, dockerError } from "./docker.ts";
import { engineFacts } from "./facts.ts";
import { configurationArgs } from "./nodes.ts";

/** A builder: one node or several that build together. */
export interface Builder {
  readonly name: string;
  /** `docker-container`, `docker`, `remote`, `kubernetes`. */
  readonly driver: string;
  /** Whether a build that names no builder uses it. */
  readonly isCurrent: boolean;
  readonly nodes: readonly BuilderNode[];
}

export interface BuilderNode {
  readonly name: string;
  /** A context's name, or an engine's address. */
  readonly endpoint: string;
  /** `running`, `stopped`, `inactive`, `error`. */
  readonly status: string;
  /** BuildKit's, such as `v0.34.2`; known only while it runs. */
  readonly version?: string;
  /** As buildx writes them; they hold what was asked for at creation, offered or not. */
  readonly platforms: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  /** Most bytes that the rules of its BuildKit let its cache hold; absent where nobody says it. */
  readonly cacheLimit?: number;
  /** Why it cannot be asked. */
  readonly error?: string;
}

/** moby/buildkit, `client/prune.go`. What buildx before 0.20 calls `keepBytes` is what newer BuildKits reserve, not the most. */
const cacheRule = z.object({ maxUsedSpace: z.number().default(0) });

const node = z.object({
  Name: z.string().default(""),
  Endpoint: z.string().default(""),
  Status: z.string().default(""),
  Version: z.string().optional(),
  Platforms: z.array(z.string()).nullish(),
  DriverOpts: z.record(z.string(), z.string()).nullish(),
  GCPolicy: z.array(cacheRule).nullish(),
  Err: z.string().optional(),
});

const listed = z.object({
  Name: z.string(),
  Driver: z.string().default(""),
  Current: z.boolean().default(false),
  Nodes: z.array(node).nullish(),
});

const listDeadlineMs = 30_000;

/** Every builder. @throws BUILDX_MISSING, BUILDX_TOO_OLD, ENGINE_UNREACHABLE and its kin */
export async function listBuilders(docker: Docker): Promise<readonly Builder[]> {
  const finished = await docker.attempt(["buildx", "ls", "--format", "json"], {
    deadlineMs: listDeadlineMs,
  });
  if (finished.exitCode === 0) return readBuilders(finished.stdout);
  // A docker without the plugin may stumble over the flag before it misses the plugin.
  const version = await docker.attempt(["buildx", "version"]);
  if (version.exitCode !== 0) throw fail("BUILDX_MISSING", { engine: "docker" });
  if (/unknown (?:shorthand )?flag/.test(finished.stderr)) {
    throw fail("BUILDX_TOO_OLD", { version: buildxVersion(version.stdout) });
  }
  // What is wrong with the engine or the context, docker itself says more clearly.
  await engineFacts(docker);
  throw dockerError(finished);
}

/** Reads `docker buildx ls --format json`: one builder a line; releases before 0.21 print each twice. */
export function readBuilders(lines: string): readonly Builder[] {
  const found = new Map<string, Builder>();
  for (const line of lines.split("\n")) {
    if (line.trim() === "") continue;
    const one = listed.parse(JSON.parse(line));
    found.set(one.Name, {
      name: one.Name,
      driver: one.Driver,
      isCurrent: one.Current,
      nodes: (one.Nodes ?? []).map(readNode),
    });
  }
  return [...found.values()];
}

function readNode(seen: z.infer<typeof node>): BuilderNode {
  // Earlier rules are of some kinds of records alone, and stricter.
  const limits = (seen.GCPolicy ?? []).map(({ maxUsedSpace }) => maxUsedSpace);
  const cacheLimit = Math.max(0, ...limits);
  return {
    name: seen.Name,
    endpoint: seen.Endpoint,
    status: seen.Status,
    platforms: (seen.Platforms ?? []).map((platform) => platform.replace(/\*$/, "")),
    options: seen.DriverOpts ?? {},
    ...(seen.Version === undefined ? {} : { version: seen.Version }),
    ...(cacheLimit === 0 ? {} : { cacheLimit }),
    ...(seen.Err === undefined ? {} : { error: seen.Err }),
  };
}

/** Whether its container runs and BuildKit in it does not answer, or not yet (docker/buildx, `builder/node.go`, loadData). */
export function isSilent({ error }: BuilderNode): boolean {
  return error?.startsWith("listing workers") ?? false;
}

/** `github.com/docker/buildx v0.29.1 1234` → `v0.29.1`. */
function buildxVersion(line: string): string {
  return line.split(/\s+/)[1] ?? "unknown";
}

export interface NewBuilder {
  readonly name: string;
  readonly driver: "docker-container";
  readonly options: Readonly<Record<string, string>>;
  readonly platforms: readonly string[];
  /** The file buildkitd.toml. */
  readonly configurationFile?: string;
}

/** Arguments that make a builder and start it. */
export function createBuilderArgs({
  name,
  driver,
  options,
  platforms,
  configurationFile,
}: NewBuilder): readonly string[] {
  const each = Object.entries(options).map(([key, value]) => `${key}=${value}`);
  const configuration = each.flatMap((option) => ["--driver-opt", option]);
  const offer = ["--platform", platforms.join(",")];
  return [
    "buildx",
    "create",
    "--name",
    name,
    "--driver",
    driver,
    ...configuration,
    ...configurationArgs(configurationFile),
    ...offer,
    "--bootstrap",
  ];
}

export function startBuilderArgs(name: string): readonly string[] {
  return ["buildx", "inspect", "--bootstrap", name];
}

export function stopBuilderArgs(name: string): readonly string[] {
  return ["buildx", "stop", name];
}

/** Arguments that remove a builder, its build cache with it unless that is kept for the next of the same name. */
export function removeBuilderArgs(
  name: string,
  { keepCache }: { readonly keepCache: boolean },
): readonly string[] {
  return ["buildx", "rm", ...(keepCache ? ["--keep-state"] : []), "--force", name];
}

/** Arguments that clear a builder's cache of what no build is using. */
export function pruneBuilderArgs(name: string): readonly string[] {
  return ["buildx", "prune", "--builder", name, "--force"];
}

/** What a prune says that it has freed: `175.4MB`. */
export function prunedTotal(stdout: string): string {
  return /^Total:\s*(\S+)/m.exec(stdout)?.[1] ?? "nothing";
}

export function useBuilderArgs(name: string): readonly string[] {
  return ["buildx", "use", name];
}

/** Arguments that build what stands as a tar archive on standard input, without cache, and keep nothing of it. */
export function probeBuildArgs(builder: string, platform: string): readonly string[] {
  const where = ["--builder", builder, "--platform", platform];
  return [
    "buildx",
    "build",
    ...where,
    "--no-cache",
    "--output=type=cacheonly",
    "--progress=plain",
    "-",
  ];
}

/** Whether a builder could not start because its image could not be had. */
export function isImageUnavailable(error: unknown): boolean {
  return (
    isFailure(error, "DOCKER_FAILED") &&
    /pull access denied|manifest unknown|no such host|dial tcp|i\/o timeout|no such image|TLS handshake|toomanyrequests|failed to resolve reference|connection refused/i.test(
      String(error.facts["output"]),
    )
  );
}

/** Whether a builder could not be made because another run was just making it. */
export function isBuilderTaken(error: unknown): boolean {
  return (
    isFailure(error, "DOCKER_FAILED") &&
    /existing instance for|container name .* is already in use|removal of container .* is already in progress/i.test(
      String(error.facts["output"]),
    )
  );
}
