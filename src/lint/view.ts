/** A Dockerfile as it is built for one platform: each stage with the machine it runs on, its variables, and the commands that it reaches. */
import {
  chainOf,
  imageStages,
  type Lineage,
  lineageIn,
  type StandingReader,
} from "../dockerfile/lineage.ts";
import type { Range } from "../dockerfile/range.ts";
import { globalScope, type BuildRequest, type Scope } from "../dockerfile/scope.ts";
import { type ResolvedStage, resolveStages } from "../dockerfile/stages.ts";
import type { Dockerfile } from "../dockerfile/syntax.ts";
import type { OfferedPlatforms } from "../image/offered.ts";
import { type Platform, samePlatform } from "../platform/platform.ts";
import type { LockProblem } from "../build-context/lock-file/lock.ts";
import type { LintContext } from "./context.ts";
import { mostEffort } from "./limit.ts";
import { type Effort, type StageEnd, viewOfStage } from "./stage.ts";
import type { Step } from "./step.ts";

export interface StageView {
  readonly resolved: ResolvedStage;
  /** Where its programs run; undefined where that cannot be told. */
  readonly platform: Platform | undefined;
  /** Whether the image consists of it: it is the target's, or what that is built upon. */
  readonly isImage: boolean;
  /** Whether it runs on the machine that builds, and not on the target's. */
  readonly isBuilders: boolean;
  /** Those of its base's ONBUILD come first, where that is a stage. */
  readonly steps: readonly Step[];
}

/** What is known beside the Dockerfile. */
export interface Beside {
  /** What lies in the build context; undefined where that is not known. */
  readonly context?: LintContext | undefined;
  /** The texts of its scripts, lists of requirements and settings, by their paths in it, as far as they were read. */
  readonly texts?: ReadonlyMap<string, string> | undefined;
  /** What its lock files keep from the platforms, by their paths in it. */
  readonly lacking?: ReadonlyMap<string, readonly LockProblem[]> | undefined;
  /** What registries say of the images that are named by a digest, by the name with its variables replaced; undefined where they were not asked. */
  readonly offered?: ReadonlyMap<string, OfferedPlatforms> | undefined;
}

export interface TargetView extends Beside {
  readonly dockerfile: Dockerfile;
  readonly target: Platform;
  /** A machine that builds, of another architecture than the target's. */
  readonly builder: Platform;
  readonly stages: readonly StageView[];
  readonly lineage: Lineage;
  readonly globals: Scope;
  /** `--build-arg` */
  readonly buildArgs: ReadonlyMap<string, string>;
  /** Why there are no stages. */
  readonly problem?: string;
  /** The RUN from which on scripts are not gone through, because those before it took all that may be taken. */
  readonly tiredAt?: Range;
}

export function viewOf(
  dockerfile: Dockerfile,
  request: BuildRequest,
  beside: Beside = {},
): TargetView {
  const { stages: resolved, problem } = resolveStages(dockerfile, request);
  const image = imageStages(resolved);
  const globals = globalScope(dockerfile, request);
  const { targetPlatform: target, buildPlatform: builder, buildArgs = new Map() } = request;
  const effort: Effort = { left: mostEffort };
  const { texts = new Map() } = beside;
  const surroundings = { dockerfile, request, image, globals, buildArgs, effort, texts };
  const ends = new Map<number, StageEnd>();
  const stages = new Map<number, StageView>();
  for (const stage of resolved) {
    const base = stage.base.kind === "stage" ? ends.get(stage.base.index) : undefined;
    const { view, end } = viewOfStage(stage, base, surroundings);
    stages.set(stage.index, view);
    ends.set(stage.index, end);
  }
  const standingsOf: StandingReader = (chain) => {
    const steps = stages.get(chain.at(-1)?.index ?? -1)?.steps ?? [];
    return new Map(steps.map((step) => [step.instruction, step]));
  };
  return {
    dockerfile,
    target,
    builder,
    stages: [...stages.values()],
    lineage: lineageIn(resolved, standingsOf, image),
    globals,
    buildArgs,
    ...beside,
    ...(problem === undefined ? {} : { problem }),
    ...(effort.endedAt === undefined ? {} : { tiredAt: effort.endedAt }),
  };
}

/** Whether the stage runs on the target's machine, whichever that is. A platform that is written out is the target's by chance: it is meant for some machine that builds. */
export function isTargets(
  { platform, resolved }: StageView,
  { target, lineage }: TargetView,
): boolean {
  const [first] = chainOf(resolved, lineage);
  const written = first?.stage.platform?.value;
  const isFixed = written !== undefined && !/\$\{?TARGET/.test(written);
  return platform !== undefined && samePlatform(platform, target) && !isFixed;
}
