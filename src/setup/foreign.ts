/** Builders that somebody else made: looked at like ours, and left as they are. */
import type { Context } from "../context.ts";
import type { Builder } from "../engine/buildx.ts";
import { fail } from "../errors.ts";
import { parsePlatform } from "../platform/platform.ts";
import { carryOut } from "../process/plan.ts";
import { carryFor, carryOptions } from "./carry.ts";
import { engineChecks } from "./check.ts";
import type { SetupFacts } from "./facts.ts";
import { observe } from "./observe.ts";
import { planUse } from "./plan.ts";
import type { SetupOptions, SetupResult } from "./setup.ts";

export const defaultPlatforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);

/** One that somebody else made is used as it is, and only looked at. @throws BUILDER_FOREIGN where it was to be changed */
export async function lookAtForeign(
  builder: Builder,
  facts: SetupFacts,
  options: SetupOptions,
  context: Context,
): Promise<SetupResult> {
  const { name, driver } = builder;
  const asked = changesAsked(options);
  if (asked.length > 0) throw fail("BUILDER_FOREIGN", { builder: name, driver, asked });
  const carry = carryFor(context);
  const plan = planUse(builder, name, options.use ?? false, carry);
  const steps = await carryOut(plan, carryOptions(options, context));
  if (options.dryRun === true) return { ...unseen(name, facts), steps };
  const platforms = options.platforms ?? defaultPlatforms;
  const what = { builder: name, platforms, hasChanged: false, isForeign: true };
  const seen = await observe(what, facts, carry, context);
  return { ...seen, builder: name, outcome: steps.length > 0 ? "changed" : "unchanged", steps };
}

/** The flags that would change a builder. */
function changesAsked(options: SetupOptions): readonly string[] {
  const { recreate, remove, buildkitImage, nodes, removeNodes, settings = {} } = options;
  const asked: readonly (readonly [string, boolean | undefined])[] = [
    ["--recreate", recreate],
    ["--remove", remove],
    ["--buildkit-image", buildkitImage !== undefined],
    ["--node", nodes !== undefined && nodes.length > 0],
    ["--remove-node", removeNodes !== undefined && removeNodes.length > 0],
    ["--registry-http", settings.http !== undefined],
    ["--registry-ca", settings.authorities !== undefined],
    ["--registry-mirror", settings.mirrors !== undefined],
    ["--registry-forget", settings.forget !== undefined],
    ["--cache-size", settings.cacheSize !== undefined],
  ];
  return asked.filter(([, isAsked]) => isAsked === true).map(([flag]) => flag);
}

/** What a plan comes to: the engine was seen, the builder was not. */
export function unseen(builder: string, facts: SetupFacts): Omit<SetupResult, "steps"> {
  return {
    builder,
    outcome: "planned",
    checks: engineChecks(facts),
    platforms: [],
    nodes: [],
  };
}
