/** Ways out of emulation, in the order in which they are worth trying: the builder's own platform, a cross-compiler, a native node. */
import { isUnresolved } from "../../dockerfile/base.ts";
import type { ResolvedStage } from "../../dockerfile/stages.ts";
import type { Dockerfile } from "../../dockerfile/syntax.ts";
import { formatPlatform, samePlatform } from "../../platform/platform.ts";
import type { ProgramStep, TargetStages } from "../stages.ts";
import { imageStages, lineageIn, type Lineage } from "../../dockerfile/lineage.ts";
import { standingsIn } from "./standing.ts";
import { moveStage, type Moving } from "./move.ts";
import type { Obstacle } from "./obstacle.ts";
import { type Advice, nativeNode, type Plan } from "./plan.ts";
import { splitStage } from "./split.ts";

export type { Advice } from "./plan.ts";

/** People write some ten. */
const mostStages = 100;

/** Says what to do about a step that runs under an emulator; the lines are those of its whole stage, and what was found of that serves all its steps. */
export function createAdviser(
  dockerfile: Dockerfile,
  targets: readonly TargetStages[],
): (step: ProgramStep) => Advice {
  const platforms = targets.map(({ target }) => target);
  const movings = new Map<string, Moving>();
  const plans = new Map<string, Plan>();
  return (step) => {
    const { instruction, stage, platform } = step;
    const name = formatPlatform(platform);
    const known = movings.get(name);
    // Which stages there are may depend on the target.
    const isOf = known?.lineage.chains.get(stage.index)?.includes(stage) === true;
    const lineage = isOf ? known?.lineage : lineageOf(step, targets);
    if (lineage === undefined || lineage.stages.length > mostStages) {
      return nativeNode("There are more stages than can be read here.");
    }
    const fresh = { dockerfile, lineage, platform, platforms, moves: new Map() };
    const moving = isOf && known !== undefined ? known : fresh;
    movings.set(name, moving);
    const plan = plans.get(`${stage.index} ${name}`) ?? planOf(stage, moving);
    plans.set(`${stage.index} ${name}`, plan);
    return plan.get(instruction) ?? nativeNode("Nobody can say here what it does.");
  };
}

/** The stages that the step belongs to, for the first target that reaches it; undefined where none does. */
function lineageOf(step: ProgramStep, targets: readonly TargetStages[]): Lineage | undefined {
  const own = targets.find(({ stages }) => stages.some((stage) => isStageOf(step, stage)));
  if (own === undefined) return undefined;
  const image = new Set(targets.flatMap(({ stages }) => [...imageStages(stages)]));
  return lineageIn(own.stages, standingsIn, image);
}

function isStageOf({ stage, platform }: ProgramStep, other: ResolvedStage): boolean {
  return (
    other.index === stage.index &&
    !isUnresolved(other.platform) &&
    samePlatform(other.platform, platform)
  );
}

function planOf(stage: ResolvedStage, moving: Moving): Plan {
  if (moving.lineage.image.has(stage.index)) return splitStage(stage, moving);
  const runs = stage.stage.instructions.filter(({ keyword }) => keyword === "RUN");
  const move = moveStage(stage, moving);
  return new Map(
    runs.map((run) => [run, "advice" in move ? move.advice : stays(run.range.line, move.obstacle)]),
  );
}

/** The stage stays whole: one step that cannot move keeps the others. */
function stays(line: number, { why, instruction, caveats }: Obstacle): Advice {
  const other = instruction?.range.line;
  const isOther = other !== undefined && other !== line;
  return nativeNode(isOther ? `Line ${other} keeps the stage where it is. ${why}` : why, caveats);
}
