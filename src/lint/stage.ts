/** A stage as it is built for one platform: what its instructions find, and what it hands on to those that are built upon it. */
import { isUnresolved } from "../dockerfile/base.ts";
import { directoryOfImage, pathOf } from "../dockerfile/directory.ts";
import type { Instruction } from "../dockerfile/instruction.ts";
import type { Escape } from "../dockerfile/line.ts";
import { imageOf } from "../dockerfile/lineage.ts";
import { pairsOf } from "../dockerfile/pair.ts";
import type { Range } from "../dockerfile/range.ts";
import type { BuildRequest, Scope } from "../dockerfile/scope.ts";
import { isPosixShell, type Script, scriptOf } from "../dockerfile/script.ts";
import type { ResolvedStage } from "../dockerfile/stages.ts";
import type { Dockerfile } from "../dockerfile/syntax.ts";
import { expand } from "../dockerfile/variables.ts";
import { type Platform, samePlatform } from "../platform/platform.ts";
import { type Evaluation, evaluateShell } from "../shell/evaluate.ts";
import { machineOf } from "../shell/machine.ts";
import { hole, unknown } from "../shell/value.ts";
import { type Bringing, bringingsOf, broughtFiles, mountedIn, originsBy } from "./brought-file.ts";
import { type Program, programsIn } from "./program.ts";
import { declared, isAutomatic, Texts, type Variables } from "./scope.ts";
import { type Run, startedScripts } from "./started-script.ts";
import type { Step } from "./step.ts";
import type { StageView } from "./view.ts";

export interface Surroundings {
  readonly dockerfile: Dockerfile;
  readonly request: BuildRequest;
  /** The stages that the image consists of. */
  readonly image: ReadonlySet<number>;
  readonly globals: Scope;
  readonly buildArgs: ReadonlyMap<string, string>;
  /** What the scripts of all stages may take together. */
  readonly effort: Effort;
  /** Those of the build context that were read, by their paths in it. */
  readonly texts: ReadonlyMap<string, string>;
}

export interface Effort {
  left: number;
  endedAt?: Range;
}

/** What a stage hands on to those that are built upon it. */
export interface StageEnd {
  readonly variables: Variables;
  /** Those of them that ENV set: the image's own. */
  readonly environment: Variables;
  readonly directory: string | undefined;
  /** Whether a RUN starts a shell that we understand. */
  readonly isPosix: boolean;
  /** What was brought from the build context. */
  readonly brought: readonly Bringing[];
  /** What ONBUILD holds back. */
  readonly triggers: readonly Instruction[];
}

function endOfImage(resolved: ResolvedStage): StageEnd {
  return {
    variables: new Map(),
    environment: new Map(),
    directory: directoryOfImage(imageOf([resolved])),
    isPosix: true,
    brought: [],
    triggers: [],
  };
}

/** `base` is the end of the stage that it is built upon. */
export function viewOfStage(
  resolved: ResolvedStage,
  base: StageEnd = endOfImage(resolved),
  surroundings: Surroundings,
): { readonly view: StageView; readonly end: StageEnd } {
  const { request, image } = surroundings;
  const platform = isUnresolved(resolved.platform) ? undefined : resolved.platform;
  const own = resolved.isReplaced ? [] : resolved.stage.instructions;
  const steps: Step[] = [];
  // A stage sets the variables of its base image anew: ENV there goes before an ARG of the same name, even a later one.
  const variables =
    base.environment.size === 0
      ? base.variables
      : new Map([...base.variables, ...base.environment]);
  const end = { ...base, variables, environment: new Map(base.environment) };
  const view = {
    resolved,
    platform,
    isImage: image.has(resolved.index),
    isBuilders:
      platform !== undefined &&
      samePlatform(platform, request.buildPlatform) &&
      !samePlatform(platform, request.targetPlatform),
    steps,
  };
  for (const instruction of [...base.triggers, ...own]) {
    const step = stepAt(instruction, end, view, surroundings);
    steps.push(step);
    if (instruction.keyword === "ENV") {
      for (const { name } of pairsOf(instruction)) {
        end.environment.set(name, step.after.get(name) ?? unknown);
      }
    } else if (instruction.keyword === "WORKDIR") {
      end.directory = pathOf(step.textOf(instruction.text), step);
    } else if (instruction.keyword === "SHELL")
      end.isPosix = isPosixShell(instruction.arguments[0]?.text);
    end.variables = step.after;
    const brought = bringingsOf(step);
    if (brought.length > 0) end.brought = [...end.brought, ...brought];
  }
  const triggers = own.flatMap(({ trigger }) => trigger ?? []);
  return { view, end: { ...end, triggers } };
}

/** Scripts that start scripts; what starts itself ends here. */
const deepestScript = 4;

function stepAt(
  instruction: Instruction,
  { variables, directory, isPosix, brought }: StageEnd,
  stage: StageView,
  { dockerfile: { escape }, globals, buildArgs, effort, texts }: Surroundings,
): Step {
  const { platform } = stage;
  const evaluate = (script: Script, found: Found) =>
    evaluation(script, found, { platform, effort, range: instruction.range });
  const script =
    instruction.keyword === "RUN" && isPosix ? bounded(scriptOf(instruction)) : undefined;
  const run =
    script?.isShell === true
      ? { ...script, ...evaluate(script, { environment: variables, directory }) }
      : undefined;
  const programs: Program[] = [];
  const scripts: Run[] = [];
  const standing = {
    instruction,
    directory,
    textOf: (word: string) => textOf(word, variables, escape),
  };
  const originsOf = originsBy([...brought, ...mountedIn(standing)]);
  const fileAt = broughtFiles(originsOf, texts);
  const step = {
    ...standing,
    stage,
    variables,
    after: declared(instruction, variables, globals, escape, buildArgs),
    ...(run === undefined ? {} : { run }),
    originsOf,
    fileAt,
    scripts,
    programs,
  };
  programs.push(...programsIn(step, run));
  let last: readonly Program[] = programs;
  for (let depth = 0; depth < deepestScript && last.length > 0; depth += 1) {
    const started = startedScripts(last, fileAt, evaluate);
    scripts.push(...started);
    last = started.flatMap((one) => programsIn(step, one));
    programs.push(...last);
  }
  return step;
}

/** What eval puts together may be longer than the script. */
function bounded(script: Script): Script {
  const { length } = script.text;
  const rangeOf = (start: number, end: number) =>
    script.rangeOf(Math.min(start, length), Math.min(end, length));
  return { ...script, rangeOf };
}

function textOf(word: string, variables: Variables, escape: Escape): string | undefined {
  const { text, problem } = expand(word, new Texts(variables), escape);
  return problem !== undefined || text.includes(hole) ? undefined : text;
}

/** What a script finds where it is started. */
interface Found {
  readonly environment: Variables;
  readonly directory: string | undefined;
}

function evaluation(
  { text, rangeOf }: Script,
  { environment: variables, directory }: Found,
  {
    platform,
    effort,
    range,
  }: { readonly platform: Platform | undefined; readonly effort: Effort; readonly range: Range },
): Evaluation {
  if (effort.left < 0) return { commands: [], unset: [], isComplete: false };
  const evaluated = evaluateShell(text, {
    variables,
    directory,
    machine: platform === undefined ? undefined : machineOf(platform),
    effort,
    rangeOf,
    fallback: (name) => (isAutomatic(name) ? undefined : unknown),
  });
  if (effort.left < 0) effort.endedAt ??= range;
  return evaluated;
}
