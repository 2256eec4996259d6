/** A Dockerfile as it is built for one platform: each stage with the machine it runs on, its variables, and the commands that it reaches. */
import { isUnresolved } from "../dockerfile/base.ts";
import type { Instruction } from "../dockerfile/instruction.ts";
import { type Lineage, lineageIn } from "../dockerfile/lineage.ts";
import { pairsOf } from "../dockerfile/pair.ts";
import type { Range } from "../dockerfile/range.ts";
import { globalScope, type BuildRequest, type Scope } from "../dockerfile/scope.ts";
import { type Script, scriptOf } from "../dockerfile/script.ts";
import { type ResolvedStage, resolveStages } from "../dockerfile/stages.ts";
import type { Dockerfile } from "../dockerfile/syntax.ts";
import type { OfferedPlatforms } from "../image/offered.ts";
import { type Platform, samePlatform } from "../platform/platform.ts";
import { type Evaluation, evaluateShell } from "../shell/evaluate.ts";
import { machineOf } from "../shell/machine.ts";
import { unknown } from "../shell/value.ts";
import type { LintContext } from "./context.ts";
import { mostEffort } from "./limit.ts";
import { declared, isAutomatic, type Variables } from "./scope.ts";

export interface InstructionView {
  readonly instruction: Instruction;
  /** What is declared before it. */
  readonly variables: Variables;
  /** What is declared behind it. */
  readonly after: Variables;
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
  /** Those of its base's ONBUILD come first, where that is a stage. */
  readonly instructions: readonly InstructionView[];
  /** What is declared behind the last. */
  readonly variables: Variables;
}

/** What is known beside the Dockerfile. */
export interface Beside {
  /** What lies in the build context; undefined where that is not known. */
  readonly context?: LintContext | undefined;
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
  const lineage = lineageIn(resolved);
  const globals = globalScope(dockerfile, request);
  const { targetPlatform: target, buildPlatform: builder, buildArgs = new Map() } = request;
  const effort: Effort = { left: mostEffort };
  const surroundings = { dockerfile, request, lineage, globals, buildArgs, effort };
  const ends = new Map<number, End>();
  const stages: StageView[] = [];
  for (const stage of resolved) {
    const base = stage.base.kind === "stage" ? ends.get(stage.base.index) : undefined;
    const { view, end } = stageView(stage, base, surroundings);
    stages.push(view);
    ends.set(stage.index, end);
  }
  return {
    dockerfile,
    target,
    builder,
    stages,
    lineage,
    globals,
    buildArgs,
    ...beside,
    ...(problem === undefined ? {} : { problem }),
    ...(effort.endedAt === undefined ? {} : { tiredAt: effort.endedAt }),
  };
}

interface Surroundings {
  readonly dockerfile: Dockerfile;
  readonly request: BuildRequest;
  readonly lineage: Lineage;
  readonly globals: Scope;
  readonly buildArgs: ReadonlyMap<string, string>;
  /** What the scripts of all stages may take together. */
  readonly effort: Effort;
}

interface Effort {
  left: number;
  endedAt?: Range;
}

/** What a stage hands on to those that are built upon it. */
interface End {
  readonly variables: Variables;
  /** Those of them that ENV set: the image's own. */
  readonly environment: Variables;
  /** Whether a RUN starts a shell that we understand. */
  readonly isPosix: boolean;
  /** What ONBUILD holds back. */
  readonly triggers: readonly Instruction[];
}

const nothing: End = {
  variables: new Map(),
  environment: new Map(),
  isPosix: true,
  triggers: [],
};

function stageView(
  resolved: ResolvedStage,
  base: End = nothing,
  { dockerfile, request, lineage, globals, buildArgs, effort }: Surroundings,
): { readonly view: StageView; readonly end: End } {
  const platform = isUnresolved(resolved.platform) ? undefined : resolved.platform;
  const own = resolved.isReplaced ? [] : resolved.stage.instructions;
  const instructions: InstructionView[] = [];
  // A stage sets the variables of its base image anew: ENV there goes before an ARG of the same name, even a later one.
  let variables: Variables =
    base.environment.size === 0
      ? base.variables
      : new Map([...base.variables, ...base.environment]);
  const environment = new Map(base.environment);
  let { isPosix } = base;
  for (const instruction of [...base.triggers, ...own]) {
    if (instruction.keyword === "SHELL") isPosix = isPosixShell(instruction);
    const run =
      instruction.keyword === "RUN" && isPosix
        ? runOf(instruction, { variables, platform, effort })
        : undefined;
    const after = declared(instruction, variables, globals, dockerfile.escape, buildArgs);
    instructions.push({ instruction, variables, after, ...(run === undefined ? {} : { run }) });
    if (instruction.keyword === "ENV") {
      for (const { name } of pairsOf(instruction)) {
        environment.set(name, after.get(name) ?? unknown);
      }
    }
    variables = after;
  }
  const view = {
    resolved,
    platform,
    isImage: lineage.image.has(resolved.index),
    isBuilders:
      platform !== undefined &&
      samePlatform(platform, request.buildPlatform) &&
      !samePlatform(platform, request.targetPlatform),
    instructions,
    variables,
  };
  const triggers = own.flatMap(({ trigger }) => trigger ?? []);
  return { view, end: { variables, environment, isPosix, triggers } };
}

function isPosixShell({ arguments: [program] }: Instruction): boolean {
  return /(?:^|\/)(?:ba|da|a)?sh$/.test(program?.text ?? "");
}

function runOf(
  instruction: Instruction,
  {
    variables,
    platform,
    effort,
  }: {
    readonly variables: Variables;
    readonly platform: Platform | undefined;
    readonly effort: Effort;
  },
): (Script & Evaluation) | undefined {
  const script = scriptOf(instruction);
  if (!script.isShell) return undefined;
  if (effort.left < 0) return { ...script, commands: [], unset: [], isComplete: false };
  const evaluation = evaluateShell(script.text, {
    variables,
    machine: platform === undefined ? undefined : machineOf(platform),
    effort,
    rangeOf: script.rangeOf,
    fallback: (name) => (isAutomatic(name) ? undefined : unknown),
  });
  if (effort.left < 0) effort.endedAt ??= instruction.range;
  return { ...script, ...evaluation };
}
