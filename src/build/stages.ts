/** The stages of a build for all its platforms: which of them run programs, and for which machine. */
import { isUnresolved } from "../dockerfile/base.ts";
import type { Instruction } from "../dockerfile/instruction.ts";
import { namedValues } from "../dockerfile/named-values.ts";
import { type ResolvedStage, resolveStages } from "../dockerfile/stages.ts";
import { stageOfStep, type VertexName } from "../dockerfile/steps.ts";
import type { Dockerfile } from "../dockerfile/syntax.ts";
import { formatPlatform, type Platform, samePlatform } from "../platform/platform.ts";
import type { BuildOptions, BuildRequest } from "./request.ts";

export interface StagesOptions {
  /** Absent where it is not known; then no stage is. */
  readonly dockerfile?: Dockerfile;
  readonly request: Pick<BuildRequest, "platforms">;
  readonly options: Pick<BuildOptions, "buildArgs" | "buildContexts" | "target">;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The platform of the machine that builds, or of the one that builds that target; `undefined` where nobody says it. */
  readonly native: Platform | ((target: Platform) => Platform | undefined);
}

/** The stages that the build reaches for one of its platforms. */
export interface TargetStages {
  readonly target: Platform;
  /** The platform of the machine that builds it; absent while nobody says it, and then there are no stages. */
  readonly native?: Platform;
  readonly stages: readonly ResolvedStage[];
}

/** An instruction that starts programs, with the stage and the platform that it does so for. */
export interface ProgramStep {
  readonly instruction: Instruction;
  readonly stage: ResolvedStage;
  readonly platform: Platform;
  /** The platform of the machine that runs it. */
  readonly native: Platform;
}

/** Resolves the stages for each platform. */
export function targetStages(options: StagesOptions): readonly TargetStages[] {
  const { dockerfile, request, options: wishes, env, native } = options;
  const nativeOf = typeof native === "function" ? native : () => native;
  const shared = {
    buildArgs: namedValues(wishes.buildArgs, env),
    buildContexts: namedValues(wishes.buildContexts, {}),
    ...(wishes.target === undefined ? {} : { target: wishes.target }),
  };
  return request.platforms.map((target) => {
    const own = nativeOf(target);
    if (own === undefined) return { target, stages: [] };
    if (dockerfile === undefined) return { target, native: own, stages: [] };
    const asked = { ...shared, buildPlatform: own, targetPlatform: target };
    return { target, native: own, stages: resolveStages(dockerfile, asked).stages };
  });
}

/** The platform of a step, where its name does not say it and all targets agree on it. */
export function platformOfStep(
  vertex: VertexName,
  targets: readonly TargetStages[],
): Platform | undefined {
  const own = targets.filter(
    ({ target }) =>
      vertex.targetPlatform === undefined || samePlatform(target, vertex.targetPlatform),
  );
  const found = own.map(({ stages }) => stageOfStep(vertex, stages)?.platform);
  const [first] = found;
  if (first === undefined || isUnresolved(first)) return undefined;
  const isShared = found.every(
    (one) => one !== undefined && !isUnresolved(one) && samePlatform(one, first),
  );
  return isShared ? first : undefined;
}

/** Every RUN that the build reaches, once for each platform that it runs for, in the file's order. */
export function programSteps(targets: readonly TargetStages[]): readonly ProgramStep[] {
  const found = new Map<string, ProgramStep>();
  for (const { stages, native } of targets) {
    if (native === undefined) continue;
    for (const stage of stages) {
      const { platform } = stage;
      if (isUnresolved(platform) || stage.isReplaced) continue;
      for (const instruction of stage.stage.instructions) {
        if (instruction.keyword !== "RUN") continue;
        const key = `${instruction.range.line} ${formatPlatform(platform)} ${formatPlatform(native)}`;
        found.set(key, { instruction, stage, platform, native });
      }
    }
  }
  return [...found.values()].toSorted(
    (one, other) => one.instruction.range.line - other.instruction.range.line,
  );
}
