/** The verb `setup`: makes or mends the builder, and says what this machine can build and run. */
import { defaultBuilder, engineBuilder, isForeign } from "../builder/builder.ts";
import { type DesiredBuilder, desiredBuilder } from "../builder/configuration.ts";
import type { NodeWish } from "../builder/desired-nodes.ts";
import type { SettingsChange } from "../builder/settings.ts";
import type { Context } from "../context.ts";
import { isBuilderTaken, isImageUnavailable, removeBuilderArgs } from "../engine/buildx.ts";
import { fail, isFailure } from "../errors.ts";
import type { Platform } from "../platform/platform.ts";
import { carryOut, type DoneStep, type Step } from "../process/plan.ts";
import { pauseFor } from "../process/wait.ts";
import { carryFor, carryOptions } from "./carry.ts";
import type { SetupCheck } from "./check.ts";
import type { Execution } from "./emulation.ts";
import {
  configurationFile,
  configurationSteps,
  removeConfiguration,
} from "./configuration-file.ts";
import { gatherFacts, readAuthorities, type SetupFacts } from "./facts.ts";
import { defaultPlatforms, lookAtForeign, unseen } from "./foreign.ts";
import { lockBuilders } from "./lock.ts";
import { nodeSteps } from "./node-steps.ts";
import type { SetupNode } from "./node.ts";
import type { BuilderCache } from "./node-check.ts";
import { observe } from "./observe.ts";
import { planBuilder, planRemoval } from "./plan.ts";

export interface SetupOptions {
  /** Default `multiarch-builder`. */
  readonly builder?: string;
  /** Default linux/amd64 and linux/arm64. */
  readonly platforms?: readonly Platform[];
  /** The image of BuildKit's container; buildx's own default where none is named. */
  readonly buildkitImage?: string;
  /** Make it the builder of every build that names none. */
  readonly use?: boolean;
  readonly recreate?: boolean;
  readonly remove?: boolean;
  /** Machines of other platforms to build on as well. */
  readonly nodes?: readonly NodeWish[];
  /** Names of such nodes that are to go. */
  readonly removeNodes?: readonly string[];
  /** What BuildKit is to be told of registries and of its cache. */
  readonly settings?: SettingsChange;
  readonly dryRun?: boolean;
}

export interface SetupResult {
  /** The builder that builds will use. */
  readonly builder: string;
  /** `engine`: BuildKit's image could not be had, so the engine's own BuildKit serves. */
  readonly outcome: "unchanged" | "changed" | "removed" | "planned" | "engine";
  readonly steps: readonly DoneStep[];
  readonly checks: readonly SetupCheck[];
  readonly platforms: readonly Execution[];
  readonly nodes: readonly SetupNode[];
  /** Absent where it is not told. */
  readonly cache?: BuilderCache;
}

/** How often it is looked again when another run was quicker. */
const mostPasses = 4;

/**
 * @throws ENGINE_UNREACHABLE and its kin, BUILDX_MISSING, BUILDX_TOO_OLD, BUILDER_NAME_RESERVED, BUILDER_FOREIGN, DOCKER_FAILED,
 * REGISTRY_CA_MISSING, NODE_UNKNOWN, NODE_IMAGE_MISSING, BUILDER_LOCKED, CACHE_NOT_WRITABLE, and why the machine of a node does not
 * answer
 */
export async function setup(options: SetupOptions, context: Context): Promise<SetupResult> {
  if (options.dryRun === true) return await setupOnce(options, context);
  const lock = await lockBuilders(context);
  try {
    return await setupAmongOthers(options, context);
  } finally {
    await lock.release();
  }
}

/** The lock tells apart the runs of one user; another user's may be at work on the same engine. */
async function setupAmongOthers(options: SetupOptions, context: Context): Promise<SetupResult> {
  for (let pass = 1; ; pass += 1) {
    try {
      return await setupOnce(options, context);
    } catch (error) {
      if (pass === mostPasses || !isBuilderTaken(error)) throw error;
      context.report({ kind: "note", text: "Another run is making the builder; looking again." });
      await pauseFor(500 * pass, context.signal);
    }
  }
}

async function setupOnce(options: SetupOptions, context: Context): Promise<SetupResult> {
  const name = options.builder ?? defaultBuilder;
  if (name === engineBuilder) throw fail("BUILDER_NAME_RESERVED", { builder: name });
  const facts = await gatherFacts(name, options.nodes ?? [], context);
  // A builder of the driver docker is a context's own, whatever its name.
  if (name === facts.engine.context || facts.builder?.driver === "docker")
    throw fail("BUILDER_NAME_RESERVED", { builder: name });
  if (facts.builder !== undefined && isForeign(facts.builder)) {
    return await lookAtForeign(facts.builder, facts, options, context);
  }
  if (options.remove === true) return await removeBuilder(name, facts, options, context);
  return await reconcile(await desire(name, facts, options, context), facts, options, context);
}

/** Makes what is there the builder that is wanted, and looks at it. */
async function reconcile(
  desired: DesiredBuilder,
  facts: SetupFacts,
  options: SetupOptions,
  context: Context,
): Promise<SetupResult> {
  const { name } = desired;
  const wishes = { recreate: options.recreate ?? false, use: options.use ?? false };
  const carry = carryFor(context);
  const plan = planBuilder(facts.builder, desired, wishes, carry);
  const isNew = plan.some(({ id }) => id === "create-builder");
  const nodes = nodeSteps(facts.builder, desired, isNew, carry);
  const written = configurationSteps(desired, [...plan, ...nodes], facts.written, context.env);
  const made = await makeBuilder(name, [...written, ...plan], options, context);
  const isEngine = made.builder !== name;
  const added = isEngine ? [] : await carryOut(nodes, carryOptions(options, context));
  const steps = [...made.steps, ...added];
  if (options.dryRun === true) return { ...unseen(made.builder, facts), steps };
  const seen = await observe(
    {
      builder: made.builder,
      platforms: options.platforms ?? defaultPlatforms,
      hasChanged: steps.length > 0,
      isForeign: false,
      cacheLimit: desired.settings.cacheBytes,
    },
    facts,
    carry,
    context,
  );
  const all = [...steps, ...seen.steps];
  const outcome = isEngine ? "engine" : all.length > 0 ? "changed" : "unchanged";
  return { ...seen, builder: made.builder, outcome, steps: all };
}

async function desire(
  name: string,
  facts: SetupFacts,
  options: SetupOptions,
  { env }: Context,
): Promise<DesiredBuilder> {
  const { builder, kept, wishes, endpoint, hasDefaultConfiguration } = facts;
  const wanted = {
    name,
    platforms: options.platforms ?? defaultPlatforms,
    buildkitImage: options.buildkitImage,
    endpoint,
    settings: options.settings,
    nodes: { add: wishes, remove: options.removeNodes ?? [] },
    configurationFile: configurationFile(name, env),
    hasDefaultConfiguration,
    authorities: await readAuthorities(options.settings, builder),
  };
  return desiredBuilder(wanted, builder, kept);
}

interface Mended {
  readonly builder: string;
  readonly steps: readonly DoneStep[];
}

async function removeBuilder(
  name: string,
  facts: SetupFacts,
  options: SetupOptions,
  context: Context,
): Promise<SetupResult> {
  const plan = planRemoval(facts.builder, carryFor(context));
  const steps = await carryOut(plan, carryOptions(options, context));
  if (options.dryRun !== true) await removeConfiguration(configurationFile(name, context.env));
  const outcome = options.dryRun === true ? "planned" : steps.length > 0 ? "removed" : "unchanged";
  return { builder: name, outcome, steps, checks: [], platforms: [], nodes: [] };
}

/** Carries the plan out. Where BuildKit's image cannot be had, the engine's own BuildKit takes the builder's place. */
async function makeBuilder(
  name: string,
  plan: readonly Step[],
  options: SetupOptions,
  context: Context,
): Promise<Mended> {
  try {
    return { builder: name, steps: await carryOut(plan, carryOptions(options, context)) };
  } catch (error) {
    // What another run has made is not ours to discard.
    if (isBuilderTaken(error)) throw error;
    await discardHalfMade(name, plan, context);
    if (!isImageUnavailable(error)) throw error;
    const reason = isFailure(error) ? String(error.facts["output"]) : "";
    context.report({
      kind: "warning",
      text: `BuildKit's image cannot be had (${reason}), so the engine's own BuildKit serves: no build cache of its own, no cache export, and on the classic image store one platform at a time. With an image of your own: transship setup --buildkit-image IMAGE`,
    });
    return { builder: engineBuilder, steps: [] };
  }
}

/** A builder whose creation failed or was interrupted is not left to be found by the next run. */
async function discardHalfMade(
  name: string,
  plan: readonly Step[],
  { docker }: Context,
): Promise<void> {
  if (!plan.some(({ id }) => id === "create-builder")) return;
  await docker
    .attempt(removeBuilderArgs(name, { keepCache: true }), { signal: AbortSignal.timeout(30_000) })
    .catch(() => {});
}
