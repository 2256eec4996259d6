/**
 * Which stages a build reaches, on which platform each of them runs, and which images they need for which platform
 * (github.com/moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go).
 */
import { type Platform, readPlatform } from "../platform/platform.ts";
import { type Base, gap, imageNamed, type Unresolved, unresolved } from "./base.ts";
import { contextFinder } from "./context.ts";
import { mountsOf } from "./mount.ts";
import { type BuildRequest, expandIn, globalScope, type Resolution } from "./scope.ts";
import { type Source, sourcesOf } from "./source.ts";
import type { Stage } from "./stage.ts";
import type { Dockerfile } from "./syntax.ts";

export interface ResolvedStage {
  readonly stage: Stage;
  readonly index: number;
  /** The name in BuildKit's progress, `stage-1` for one without a name; undefined where it writes none, there being one stage only. */
  readonly vertexName?: string;
  /** The platform that its instructions run on. */
  readonly platform: Platform | Unresolved;
  readonly base: Base;
  /** Whether a context takes its place, so that none of its instructions runs. */
  readonly isReplaced: boolean;
  /** What it copies from, in order; those of the ONBUILD of a base that is a stage come first. Empty where a context takes its place. */
  readonly sources: readonly Source[];
}

export interface ResolvedStages {
  /** The stages that the target needs, in the order of the file, itself included. */
  readonly stages: readonly ResolvedStage[];
  /** Why there are none. */
  readonly problem?: string;
}

/** Resolves the stages of a build for one target platform. */
export function resolveStages(dockerfile: Dockerfile, request: BuildRequest): ResolvedStages {
  const target = targetOf(dockerfile, request.target);
  if (target === undefined) {
    const problem =
      request.target === undefined ? "it has no stage" : `it has no stage named ${request.target}`;
    return { stages: [], problem };
  }
  const resolution = {
    dockerfile,
    request,
    scope: globalScope(dockerfile, request),
    findContext: contextFinder(request.buildContexts),
  };
  const isNamed = writesStageNames(dockerfile);
  const all: ResolvedStage[] = [];
  for (const stage of dockerfile.stages) all.push(resolveStage(stage, all, resolution, isNamed));
  const reached = reachedFrom(target, all);
  return { stages: all.filter(({ index }) => reached.has(index)) };
}

function targetOf({ stages }: Dockerfile, target: string | undefined): number | undefined {
  if (target === undefined) return stages.at(-1)?.index;
  return stages.findLast(({ name }) => name === target.toLowerCase())?.index;
}

function resolveStage(
  stage: Stage,
  earlier: readonly ResolvedStage[],
  resolution: Resolution,
  isNamed: boolean,
): ResolvedStage {
  const { index, name } = stage;
  const written = writtenPlatform(stage, resolution);
  const context = name === undefined ? undefined : resolution.findContext(name);
  const base: Base =
    context === undefined
      ? baseOf(stage, earlier, written, resolution)
      : { kind: "context", ...context };
  const before = base.kind === "stage" ? earlier[base.index] : undefined;
  const triggers = (before?.stage.instructions ?? []).flatMap(({ trigger }) => trigger ?? []);
  const instructions = context === undefined ? [...triggers, ...stage.instructions] : [];
  return {
    stage,
    index,
    ...(isNamed ? { vertexName: name ?? `stage-${index}` } : {}),
    // Neither a stage nor scratch is asked for another platform: it is ignored there.
    platform: platformUpon(base, before, written, resolution.request),
    base,
    isReplaced: context !== undefined,
    sources: instructions.flatMap((instruction) => sourcesOf(instruction, index, resolution)),
  };
}

function platformUpon(
  base: Base,
  before: ResolvedStage | undefined,
  written: Platform | Unresolved,
  request: BuildRequest,
): Platform | Unresolved {
  if (before !== undefined) return before.platform;
  return base.kind === "scratch" ? request.targetPlatform : written;
}

/** FROM's `--platform`, and the target's where there is none. */
function writtenPlatform(
  { platform }: Stage,
  { scope, dockerfile, request }: Resolution,
): Platform | Unresolved {
  if (platform === undefined) return request.targetPlatform;
  const { text, problem, missing } = expandIn(scope, platform.value ?? "", dockerfile);
  if (problem !== undefined) return unresolved(problem);
  const parsed = readPlatform(text);
  if (parsed !== undefined) return parsed;
  if (text === "" || missing.size > 0) return unresolved(`its platform is ${gap(text, missing)}`);
  return unresolved(`its platform is ${text}, which is none that we know`);
}

function baseOf(
  { image }: Stage,
  earlier: readonly ResolvedStage[],
  platform: Platform | Unresolved,
  resolution: Resolution,
): Base {
  const { text, problem, missing } = expandIn(resolution.scope, image.text, resolution.dockerfile);
  if (problem !== undefined) return unresolved(problem);
  // Compared as written: FROM Build is no stage that is named build, other than COPY --from=Build.
  const before = earlier.findLast(({ stage }) => stage.name === text);
  if (before !== undefined) return { kind: "stage", index: before.index };
  return imageNamed({ name: text, range: image.range, missing, platform }, resolution.findContext);
}

/** BuildKit counts images that are copied from as stages, and every RUN with a mount that is from no stage as one more. */
function writesStageNames({ stages }: Dockerfile): boolean {
  if (stages.length > 1) return true;
  const [only] = stages;
  return (only?.instructions ?? []).some(
    (instruction) =>
      (instruction.keyword === "RUN" && mountsOf(instruction).length > 0) ||
      (instruction.keyword === "COPY" && instruction.flags.some(({ name }) => name === "from")),
  );
}

function reachedFrom(target: number, all: readonly ResolvedStage[]): ReadonlySet<number> {
  const reached = new Set<number>();
  const waiting = [target];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    const stage = all[index];
    if (stage === undefined || reached.has(index)) continue;
    reached.add(index);
    for (const base of [stage.base, ...stage.sources.map((source) => source.base)]) {
      if (base.kind === "stage") waiting.push(base.index);
    }
  }
  return reached;
}
