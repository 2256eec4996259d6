/** What there is before anything is changed. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { defaultBuilder } from "../builder/builder.ts";
import { desiredSettings } from "../builder/configuration.ts";
import type { KnownWish, NodeWish } from "../builder/desired-nodes.ts";
import type { SettingsChange } from "../builder/settings.ts";
import type { Context } from "../context.ts";
import { type Builder, listBuilders } from "../engine/buildx.ts";
import { freeEngineBytes } from "../engine/disk.ts";
import { askPlatform } from "../engine/endpoint.ts";
import { type EngineFacts, engineFacts } from "../engine/facts.ts";
import { type KeptBuilder, keptBuilder } from "../engine/kept-builder.ts";
import { fail } from "../errors.ts";
import { isSystemError } from "../process/system-error.ts";
import { cacheDirectory } from "../store/directory.ts";

export interface SetupFacts {
  readonly engine: EngineFacts;
  readonly builder: Builder | undefined;
  /** What buildx keeps of it: which platforms each node is fixed to. */
  readonly kept: KeptBuilder | undefined;
  /** The nodes that are asked for, each with its machine's platform. */
  readonly wishes: readonly KnownWish[];
  /** What the builder's first node must name: DOCKER_HOST where it is set, else the context. */
  readonly endpoint: string;
  /** Bytes free where the engine keeps its data; `undefined` where it is not on this machine. */
  readonly freeDisk: number | undefined;
}

/**
 * Asks engine, buildx and the machines of new nodes side by side.
 * @throws ENGINE_UNREACHABLE and its kin, BUILDX_MISSING, BUILDX_TOO_OLD, the errors of {@link askPlatform}
 */
export async function gatherFacts(
  builder: string | undefined,
  nodes: readonly NodeWish[],
  context: Context,
): Promise<SetupFacts> {
  const { docker, env } = context;
  const name = builder ?? defaultBuilder;
  const [engine, builders, kept] = await Promise.all([
    engineFacts(docker),
    builderList(docker),
    keptBuilder(name, env),
  ]);
  if (builders instanceof Error) {
    if (engine.buildxVersion === undefined)
      throw fail("BUILDX_MISSING", { engine: engine.context });
    throw builders;
  }
  const endpoint = env["DOCKER_HOST"] || engine.context;
  const [wishes, free] = await Promise.all([
    Promise.all(nodes.map(async (wish) => await knownWish(wish, context))),
    freeEngineBytes(engine, endpoint),
  ]);
  return {
    engine,
    builder: builders.find((one) => one.name === name),
    kept,
    wishes,
    endpoint,
    freeDisk: free,
  };
}

async function knownWish(wish: NodeWish, context: Context): Promise<KnownWish> {
  return { ...wish, native: await askPlatform(wish.endpoint, context, wish.tls) };
}

/** Where the buildkitd.toml of a builder is written. buildx reads it when it makes a node, so it can be made again at any time. */
export function configurationFile(builder: string, env: Context["env"]): string {
  return path.join(cacheDirectory(env), "buildkitd", `${builder}.toml`);
}

/**
 * The certificates of the authorities that the builder is to trust, by their files: a new one under the old name makes the builder
 * anew. @throws REGISTRY_CA_MISSING
 */
export async function readAuthorities(
  change: SettingsChange | undefined,
  builder: Builder | undefined,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const [registry, { ca }] of Object.entries(desiredSettings(change, builder).registries)) {
    if (ca === undefined) continue;
    try {
      found.set(ca, await readFile(ca, "utf8"));
    } catch (error) {
      const reason = isSystemError(error, "ENOENT") ? "there is no such file" : String(error);
      throw fail("REGISTRY_CA_MISSING", { registry, file: ca, reason });
    }
  }
  return found;
}

/** An engine that does not answer says so in `docker info` more clearly than in `docker buildx ls`: that one's error goes first. */
async function builderList(docker: Context["docker"]): Promise<readonly Builder[] | Error> {
  try {
    return await listBuilders(docker);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
