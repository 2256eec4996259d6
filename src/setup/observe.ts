/** Looks at the builder that is there now, and tries it. */
import { engineBuilder, findBuilder } from "../builder/builder.ts";
import { probePlatforms } from "../builder/probe.ts";
import type { Context } from "../context.ts";
import type { Builder } from "../engine/buildx.ts";
import { type CacheUsage, cacheUsage } from "../engine/cache-usage.ts";
import { keptBuilder } from "../engine/kept-builder.ts";
import { formatPlatform, type Platform } from "../platform/platform.ts";
import { carryOut, type DoneStep } from "../process/plan.ts";
import { builderCheck, emulatorCheck, engineChecks, platformCheck } from "./check.ts";
import { type Execution, probeEngine } from "./emulation.ts";
import type { SetupFacts } from "./facts.ts";
import { lookAtNodes, type SetupNode } from "./node.ts";
import { type BuilderCache, cacheCheck, nodeChecks } from "./node-check.ts";
import { type Carry, planRestart } from "./plan.ts";
import type { SetupResult } from "./setup.ts";

export interface Observed extends Pick<SetupResult, "checks" | "platforms" | "nodes" | "cache"> {
  /** What had to be done after all. */
  readonly steps: readonly DoneStep[];
}

export interface Observing {
  readonly builder: string;
  readonly platforms: readonly Platform[];
  /** Whether anything was done since the facts were gathered. */
  readonly hasChanged: boolean;
  /** Whether it was made by somebody else, and so is not mended. */
  readonly isForeign: boolean;
  /** Bytes that each of its nodes was told to keep its cache below. */
  readonly cacheLimit?: number | undefined;
}

export async function observe(
  what: Observing,
  facts: SetupFacts,
  carry: Carry,
  context: Context,
): Promise<Observed> {
  const { builder, platforms, isForeign } = what;
  const isEngine = builder === engineBuilder;
  const isSilent = isForeign && cannotAnswer(facts.builder);
  const [{ found, nodes }, executions, reasons, usage] = await Promise.all([
    findNodes(what, facts, context),
    Promise.all(
      platforms.map(async (one) => await probeEngine(one, facts.engine.platform, context)),
    ),
    isSilent
      ? platforms.map(() => "it does not answer")
      : probePlatforms(platforms, builder, context),
    isEngine || isSilent ? undefined : cacheUsage(builder, context.docker),
  ]);
  const cache = usage === undefined ? undefined : withLimit(usage, found, what.cacheLimit);
  const unseen = isForeign || isEngine ? [] : blind(nodes, executions, reasons);
  const restart = unseen.length === 0 ? [] : planRestart(builder, unseen, carry);
  const steps = await carryOut(restart, context);
  const after = steps.length > 0 ? await probePlatforms(platforms, builder, context) : reasons;
  const checks = [
    ...engineChecks(facts),
    builderCheck(found, builder, { isForeign }),
    ...nodeChecks(nodes, { isForeign }),
    ...(isEngine ? [] : [cacheCheck(cache)]),
    ...platforms.map((platform, n) => platformCheck(platform, after[n], { isForeign })),
    ...executions.map((one) => emulatorCheck(one, nodeFor(one.platform, nodes))),
  ];
  return {
    steps,
    checks,
    platforms: executions,
    nodes,
    ...(cache === undefined ? {} : { cache }),
  };
}

function withLimit(
  usage: CacheUsage,
  builder: Builder | undefined,
  told: number | undefined,
): BuilderCache {
  const limits = builder?.nodes.map(({ cacheLimit }) => told ?? cacheLimit) ?? [];
  const known = limits.filter((limit) => limit !== undefined);
  if (known.length === 0 || known.length < limits.length) return usage;
  return { ...usage, limit: known.reduce((sum, limit) => sum + limit, 0) };
}

/** A BuildKit that stands elsewhere and is not there is waited for by every question, some twenty seconds each. */
function cannotAnswer(builder: Builder | undefined): boolean {
  return builder?.driver === "remote" && builder.nodes.every(({ status }) => status !== "running");
}

async function findNodes(
  { builder, hasChanged }: Observing,
  facts: SetupFacts,
  context: Context,
): Promise<{ readonly found: Builder | undefined; readonly nodes: readonly SetupNode[] }> {
  const isNew = hasChanged || builder === engineBuilder;
  const found = isNew ? await findBuilder(builder, context.docker) : facts.builder;
  if (found === undefined) return { found, nodes: [] };
  const kept = isNew ? await keptBuilder(builder, context.env) : facts.kept;
  return { found, nodes: await lookAtNodes(found, kept, facts, context) };
}

/**
 * The platforms that the engine runs and the builder does not: their emulators came after the builder had started. What goes to
 * another machine has nothing to do with the engine's emulators.
 */
function blind(
  nodes: readonly SetupNode[],
  executions: readonly Execution[],
  reasons: readonly (string | undefined)[],
): readonly string[] {
  return executions
    .filter(({ outcome }, n) => outcome === "emulated" && reasons[n] !== undefined)
    .filter(({ platform }) => nodeFor(platform, nodes) === undefined)
    .map(({ platform }) => formatPlatform(platform));
}

/** The name of the node behind the first that is fixed to that platform. */
function nodeFor(platform: Platform, nodes: readonly SetupNode[]): string | undefined {
  const [, ...further] = nodes;
  return further.find(({ platforms }) => platforms.includes(formatPlatform(platform)))?.name;
}
