/** What there is before anything is changed. */
import { access, readFile } from "node:fs/promises";
import { defaultBuilder } from "../builder/builder.ts";
import { desiredSettings } from "../builder/configuration.ts";
import type { KnownWish, NodeWish } from "../builder/desired-nodes.ts";
import type { SettingsChange } from "../builder/settings.ts";
import type { Context } from "../context.ts";
import { type Builder, isSilent, listBuilders } from "../engine/buildx.ts";
import { freeEngineBytes } from "../engine/disk.ts";
import { askPlatform } from "../engine/endpoint.ts";
import { type EngineFacts, engineFacts } from "../engine/facts.ts";
import { defaultConfigurationFile, type KeptBuilder, keptBuilder } from "../engine/kept-builder.ts";
import { fail } from "../errors.ts";
import { isSystemError } from "../process/system-error.ts";
import { pauseFor } from "../process/wait.ts";
import { configurationFile, readConfiguration } from "./configuration-file.ts";

export interface SetupFacts {
  readonly engine: EngineFacts;
  readonly builder: Builder | undefined;
  /** What buildx keeps of it: which platforms each node is fixed to. */
  readonly kept: KeptBuilder | undefined;
  /** The nodes that are asked for, each with its machine's platform. */
  readonly wishes: readonly KnownWish[];
  /** What the builder's first node must name: DOCKER_HOST where it is set, else the context. */
  readonly endpoint: string;
  /** The text of the builder's buildkitd.toml, where one was written. */
  readonly written: string | undefined;
  /** Whether buildx has a buildkitd.toml for builders that are made without one. */
  readonly hasDefaultConfiguration: boolean;
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
  const [engine, builders, kept, written, hasDefaultConfiguration] = await Promise.all([
    engineFacts(docker),
    builderList(name, context),
    keptBuilder(name, env),
    readConfiguration(configurationFile(name, env)),
    exists(defaultConfigurationFile(env)),
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
    written,
    hasDefaultConfiguration,
    freeDisk: free,
  };
}

async function knownWish(wish: NodeWish, context: Context): Promise<KnownWish> {
  return { ...wish, native: await askPlatform(wish.endpoint, context, wish.tls) };
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
async function builderList(
  name: string,
  { docker, signal }: Context,
): Promise<readonly Builder[] | Error> {
  const end = performance.now() + startMs;
  try {
    for (let pause = 250; ; pause *= 2) {
      const builders = await listBuilders(docker);
      const found = builders.find((one) => one.name === name);
      const isStarting = found?.nodes.some(isSilent) ?? false;
      if (!isStarting || performance.now() + pause > end) return builders;
      await pauseFor(pause, signal);
    }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** How long a BuildKit that runs may take until it answers: a build, or the engine after a restart, may have just started it. */
const startMs = 8000;

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}
