/** An instruction where it stands in its stage: what it finds, and the programs that it starts. */
import type { Instruction } from "../dockerfile/instruction.ts";
import { chainOf, type Standing, treeOf } from "../dockerfile/lineage.ts";
import type { FileAt, OriginsOf } from "./brought-file.ts";
import type { Program } from "./program.ts";
import type { Variables } from "./scope.ts";
import type { Run } from "./started-script.ts";
import type { StageView, TargetView } from "./view.ts";

export interface Step extends Standing {
  /** The one that it is built in: an ONBUILD's is not the one that it is written in. */
  readonly stage: StageView;
  readonly instruction: Instruction;
  /** What is declared before it. */
  readonly variables: Variables;
  /** What is declared behind it. */
  readonly after: Variables;
  /** What its shell does; absent where it starts none, or one that is not understood. */
  readonly run?: Run;
  readonly originsOf: OriginsOf;
  /** What of the build context lies where, as far as it was read. */
  readonly fileAt: FileAt;
  /** The scripts of the build context that it starts, as far as they were read. */
  readonly scripts: readonly Run[];
  /** In their order, those of the scripts last. Those of a script that is not understood as a whole are left out. */
  readonly programs: readonly Program[];
}

/** What a stage has behind it at its end, in order: the steps of those that it is built upon come first. */
export function stepsOf({ resolved }: StageView, { lineage, stages }: TargetView): readonly Step[] {
  const chain = new Set(chainOf(resolved, lineage));
  return stages.filter((stage) => chain.has(stage.resolved)).flatMap(({ steps }) => steps);
}

/** What comes behind a step: in its stage, and in those that are built upon that. */
export function stepsBehind(step: Step, { lineage, stages }: TargetView): readonly Step[] {
  const { stage } = step;
  const tree = new Set(treeOf(stage.resolved, lineage));
  const upon = stages.filter((one) => one !== stage && tree.has(one.resolved));
  const own = stage.steps.slice(stage.steps.indexOf(step) + 1);
  return [...own, ...upon.flatMap(({ steps }) => steps)];
}

/** What a stage starts itself, in order. */
export function programsOf({ steps }: StageView): readonly Program[] {
  return steps.flatMap(({ programs }) => programs);
}
