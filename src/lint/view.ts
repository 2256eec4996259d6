/** A Dockerfile as it is built for one platform: each stage with the machine it runs on, its variables, and the commands that it reaches. */
import { isUnresolved } from "../dockerfile/base.ts";
import type { Instruction } from "../dockerfile/instruction.ts";
import { type Lineage, lineageIn } from "../dockerfile/lineage.ts";
import { globalScope, type BuildRequest, type Scope } from "../dockerfile/scope.ts";
import { type Script, scriptOf } from "../dockerfile/script.ts";
import { type ResolvedStage, resolveStages } from "../dockerfile/stages.ts";
import type { Dockerfile } from "../dockerfile/syntax.ts";
import { type Platform, samePlatform } from "../platform/platform.ts";
import { type Evaluation, evaluateShell } from "../shell/evaluate.ts";
import { machineOf } from "../shell/machine.ts";
import { unknown } from "../shell/value.ts";
import { declared, isAutomatic, type Variables } from "./scope.ts";

export interface InstructionView {
  readonly instruction: Instruction;
  /** What is declared before it. */
  readonly variables: Variables;
  /** What its shell does; absent where it starts none, or one that is not understood. */
  readonly run?: Script & Evaluation;
}

export interface StageView {
  readonly resolved: ResolvedStage;
  /** Where its programs run; undefined where that cannot be told. */
  readonly platform: Platform | undefined;
  /** Whether the image consists of it: it is the target's, or what that is built upon. */
  readonly isImage: boolean;
  /** Whether it runs on the machine that builds, and not on the target's. */
  readonly isBuilders: boolean;
  /** Those that an ONBUILD of the stage that it is built upon holds come first. */
  readonly instructions: readonly InstructionView[];
  /** What is declared behind the last. */
  readonly variables: Variables;
  /** Whether a shell that is understood runs what is behind the last. */
  readonly isShell: boolean;
}

export interface TargetView {
  readonly dockerfile: Dockerfile;
  readonly target: Platform;
  /** A machine that builds, of another architecture than the target's. */
  readonly builder: Platform;
  readonly stages: readonly StageView[];
  readonly lineage: Lineage;
  readonly globals: Scope;
}

export function viewOf(dockerfile: Dockerfile, request: BuildRequest): TargetView {
  const { stages: resolved } = resolveStages(dockerfile, request);
  const lineage = lineageIn(resolved);
  const globals = globalScope(dockerfile, request);
  const stages = new Map<number, StageView>();
  for (const stage of resolved) {
    const base = stage.base.kind === "stage" ? stages.get(stage.base.index) : undefined;
    stages.set(stage.index, stageView(stage, base, { dockerfile, request, lineage, globals }));
  }
  const { targetPlatform: target, buildPlatform: builder } = request;
  return { dockerfile, target, builder, stages: [...stages.values()], lineage, globals };
}

interface Surroundings {
  readonly dockerfile: Dockerfile;
  readonly request: BuildRequest;
  readonly lineage: Lineage;
  readonly globals: Scope;
}

function stageView(
  resolved: ResolvedStage,
  base: StageView | undefined,
  { dockerfile, request, lineage, globals }: Surroundings,
): StageView {
  const platform = isUnresolved(resolved.platform) ? undefined : resolved.platform;
  const triggers = (base?.resolved.stage.instructions ?? []).flatMap(
    ({ trigger }) => trigger ?? [],
  );
  const own = resolved.isReplaced ? [] : [...triggers, ...resolved.stage.instructions];
  const instructions: InstructionView[] = [];
  let variables: Variables = base?.variables ?? new Map();
  let isShell = base?.isShell ?? true;
  for (const instruction of own) {
    if (instruction.keyword === "SHELL") isShell = isPosix(instruction);
    const run =
      instruction.keyword === "RUN" && isShell
        ? runOf(instruction, variables, platform)
        : undefined;
    instructions.push({ instruction, variables, ...(run === undefined ? {} : { run }) });
    variables = declared(instruction, variables, globals, dockerfile.escape);
  }
  return {
    resolved,
    platform,
    isImage: lineage.image.has(resolved.index),
    isBuilders:
      platform !== undefined &&
      samePlatform(platform, request.buildPlatform) &&
      !samePlatform(platform, request.targetPlatform),
    instructions,
    variables,
    isShell,
  };
}

function isPosix({ arguments: [program] }: Instruction): boolean {
  return /(?:^|\/)(?:ba|da|a)?sh$/.test(program?.text ?? "");
}

function runOf(
  instruction: Instruction,
  variables: Variables,
  platform: Platform | undefined,
): (Script & Evaluation) | undefined {
  const script = scriptOf(instruction);
  if (!script.isShell) return undefined;
  const evaluation = evaluateShell(script.text, {
    variables,
    machine: platform === undefined ? undefined : machineOf(platform),
    rangeOf: script.rangeOf,
    fallback: (name) => (isAutomatic(name) ? undefined : unknown),
  });
  return { ...script, ...evaluation };
}
