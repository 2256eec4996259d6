/** The verb `setup`: makes or mends the builder, and says what this machine can build and run. */
import { defaultBuilder, engineBuilder, findBuilder } from "../builder/builder.ts";
import { desiredBuilder } from "../builder/configuration.ts";
import { probeBuilder } from "../builder/probe.ts";
import type { Context } from "../context.ts";
import {
  type Builder,
  isBuilderTaken,
  isImageUnavailable,
  removeBuilderArgs,
} from "../engine/buildx.ts";
import { fail, isFailure } from "../errors.ts";
import { formatPlatform, parsePlatform, type Platform } from "../platform/platform.ts";
import { carryOut, type DoneStep, type Step } from "../process/plan.ts";
import { pauseFor } from "../process/wait.ts";
import {
  builderCheck,
  emulatorCheck,
  engineChecks,
  platformCheck,
  type SetupCheck,
} from "./check.ts";
import { type Execution, probeEngine } from "./emulation.ts";
import { gatherFacts, type SetupFacts } from "./facts.ts";
import { type Carry, planBuilder, planRemoval, planRestart } from "./plan.ts";

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
}

const defaultPlatforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);
const changeDeadlineMs = 10 * 60_000;
/** How often it is looked again when another run was quicker. */
const mostPasses = 4;

/**
 * @throws ENGINE_UNREACHABLE and its kin, BUILDX_MISSING, BUILDX_TOO_OLD, BUILDER_NAME_RESERVED, DOCKER_FAILED
 */
export async function setup(options: SetupOptions, context: Context): Promise<SetupResult> {
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
  const platforms = options.platforms ?? defaultPlatforms;
  const facts = await gatherFacts(name, context);
  // A builder of the driver docker is a context's own, whatever its name.
  if (
    name === engineBuilder ||
    name === facts.engine.context ||
    facts.builder?.driver === "docker"
  ) {
    throw fail("BUILDER_NAME_RESERVED", { builder: name });
  }
  if (options.remove === true) return await removeBuilder(name, facts, options, context);
  const desired = desiredBuilder(
    { ...options, name, platforms, endpoint: facts.endpoint },
    facts.builder,
  );
  const wishes = { recreate: options.recreate ?? false, use: options.use ?? false };
  const plan = planBuilder(facts.builder, desired, wishes, carryFor(context));
  const mended = await reconcile(name, plan, options, context);
  if (options.dryRun === true) {
    return { ...mended, outcome: "planned", checks: engineChecks(facts), platforms: [] };
  }
  const seen = await observe(mended.builder, platforms, facts, mended.steps.length > 0, context);
  return {
    builder: mended.builder,
    outcome: outcomeOf(mended, name, seen.steps),
    steps: [...mended.steps, ...seen.steps],
    checks: seen.checks,
    platforms: seen.executions,
  };
}

interface Mended {
  readonly builder: string;
  readonly steps: readonly DoneStep[];
}

function outcomeOf({ builder, steps }: Mended, wanted: string, later: readonly DoneStep[]) {
  if (builder !== wanted) return "engine";
  return steps.length + later.length > 0 ? "changed" : "unchanged";
}

async function removeBuilder(
  name: string,
  facts: SetupFacts,
  options: SetupOptions,
  context: Context,
): Promise<SetupResult> {
  const plan = planRemoval(facts.builder, carryFor(context));
  const steps = await carryOut(plan, carryOptions(options, context));
  const outcome = options.dryRun === true ? "planned" : steps.length > 0 ? "removed" : "unchanged";
  return { builder: name, outcome, steps, checks: [], platforms: [] };
}

/** Carries the plan out. Where BuildKit's image cannot be had, the engine's own BuildKit takes the builder's place. */
async function reconcile(
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

/** Looks at what is there now, and tries it. */
async function observe(
  builder: string,
  platforms: readonly Platform[],
  facts: SetupFacts,
  hasChanged: boolean,
  context: Context,
): Promise<{
  readonly steps: readonly DoneStep[];
  readonly checks: readonly SetupCheck[];
  readonly executions: readonly Execution[];
}> {
  const [found, executions, reasons] = await Promise.all([
    hasChanged || builder === engineBuilder ? findBuilder(builder, context.docker) : facts.builder,
    Promise.all(
      platforms.map(async (one) => await probeEngine(one, facts.engine.platform, context)),
    ),
    probePlatforms(platforms, builder, context),
  ]);
  const restart = planRestart(builder, blind(found, executions, reasons), carryFor(context));
  const isBlind = blind(found, executions, reasons).length > 0;
  const steps = isBlind ? await carryOut(restart, carryOptions({}, context)) : [];
  const after = isBlind ? await probePlatforms(platforms, builder, context) : reasons;
  const checks = [
    ...engineChecks(facts),
    builderCheck(found, builder),
    ...platforms.map((platform, n) => platformCheck(platform, after[n])),
    ...executions.map(emulatorCheck),
  ];
  return { steps, checks, executions };
}

async function probePlatforms(
  platforms: readonly Platform[],
  builder: string,
  context: Context,
): Promise<readonly (string | undefined)[]> {
  return await Promise.all(
    platforms.map(async (platform) => await probeBuilder(platform, builder, context)),
  );
}

/** The platforms that the engine runs and the builder does not: their emulators came after the builder had started. */
function blind(
  builder: Builder | undefined,
  executions: readonly Execution[],
  reasons: readonly (string | undefined)[],
): readonly string[] {
  if (builder === undefined || builder.name === engineBuilder) return [];
  return executions
    .filter(({ outcome }, n) => outcome === "emulated" && reasons[n] !== undefined)
    .map(({ platform }) => formatPlatform(platform));
}

function carryFor({ docker, report }: Context): Carry {
  return async (args, mayFail) => {
    try {
      await docker.run(args, {
        deadlineMs: changeDeadlineMs,
        onErrorLine: (line) => report({ kind: "detail", text: line }),
      });
    } catch (error) {
      if (!mayFail || !isFailure(error, "ENGINE_UNREACHABLE", "DOCKER_FAILED")) throw error;
      report({ kind: "detail", text: error.message });
    }
  };
}

function carryOptions(options: Pick<SetupOptions, "dryRun">, { report, signal }: Context) {
  return { report, signal, dryRun: options.dryRun ?? false };
}
