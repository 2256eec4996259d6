/** What is known of the machines that build and of the stages that they build, as soon as somebody says so. */
import type { Machine } from "../builder/machine.ts";
import type { NodePlan } from "../builder/node-plan.ts";
import type { Context } from "../context.ts";
import { formatPlatform, type Platform, samePlatform } from "../platform/platform.ts";
import type { Work } from "./produce.ts";
import type { Questions } from "./questions.ts";
import { type TargetStages, targetStages } from "./stages.ts";

export interface KnownSurroundings {
  /** What is known now, of those platforms, or of all. */
  now(platforms?: readonly Platform[]): readonly TargetStages[];
  /** When something is known, or nothing will be. */
  readonly settled: Promise<void>;
  /** When the engine itself has said it, or failed to. */
  readonly certain: Promise<void>;
  /** The builder's own word on the machine that built those platforms, which counts more than any other. */
  learn(native: Platform | undefined, platforms: readonly Platform[]): void;
}

/** `plan` says it of builders of several nodes, and of those that stand on no engine of ours. */
export function watchSurroundings(
  { request, options, source }: Work,
  { engine, machine, plan }: Questions,
  { env }: Pick<Context, "env">,
): KnownSurroundings {
  const { dockerfile } = source;
  const natives = new Map<string, Platform>();
  const final = new Set<string>();
  let known: readonly TargetStages[] = request.platforms.map((target) => ({ target, stages: [] }));
  const nativeOf = (target: Platform) => natives.get(formatPlatform(target));
  const note = (native: Platform | undefined, platforms: readonly Platform[]) => {
    if (native === undefined) return;
    for (const platform of platforms) {
      if (!final.has(formatPlatform(platform))) natives.set(formatPlatform(platform), native);
    }
    const given = dockerfile === undefined ? {} : { dockerfile };
    known = targetStages({ ...given, request, options, env, native: nativeOf });
  };
  const learnOf = async (asked: Promise<Machine | undefined> | undefined) =>
    note((await asked)?.platform, request.platforms);
  const learnNodes = async () => {
    for (const [platform, native] of nativesOf(await plan)) {
      note(native, [platform]);
      final.add(formatPlatform(platform));
    }
  };
  const settled = learnOf(machine).then(learnNodes);
  const certain = learnOf(engine)
    .then(learnNodes)
    .catch(() => {});
  return {
    now: (platforms) =>
      platforms === undefined
        ? known
        : known.filter(({ target }) => platforms.some((one) => samePlatform(one, target))),
    settled,
    certain,
    learn(native, platforms) {
      for (const platform of platforms) final.delete(formatPlatform(platform));
      note(native, platforms);
    },
  };
}

function nativesOf(plan: NodePlan | undefined): readonly (readonly [Platform, Platform])[] {
  return (plan?.assignments ?? []).flatMap(({ platform, node }) => {
    const native = plan?.nodes.find(({ name }) => name === node)?.native;
    return native === undefined ? [] : [[platform, native] as const];
  });
}
