/** The instructions that a stage consists of, those of the stages that it is built upon included, and where each starts. */
import { directoryOfImage } from "../dockerfile/directory.ts";
import { chainOf, imageOf } from "../dockerfile/lineage.ts";
import { pathFrom, textAt } from "./path.ts";
import type { InstructionView, StageView, TargetView } from "./view.ts";

export interface Step extends InstructionView {
  /** The stage that it is written in. */
  readonly stage: StageView;
  /** The directory that it starts in; undefined where nobody knows it. */
  readonly directory: string | undefined;
}

/** In their order. */
export function stepsOf(
  { resolved }: StageView,
  { dockerfile, lineage, stages }: TargetView,
): readonly Step[] {
  const chain = chainOf(resolved, lineage);
  const steps: Step[] = [];
  let directory = directoryOfImage(imageOf(chain));
  for (const { index } of chain) {
    const stage = stages.find((one) => one.resolved.index === index);
    for (const view of stage?.instructions ?? []) {
      if (stage !== undefined) steps.push({ ...view, stage, directory });
      if (view.instruction.keyword === "WORKDIR") {
        const written = textAt(view.instruction.text, view, dockerfile.escape);
        directory = written === undefined ? undefined : pathFrom(directory, written);
      }
    }
  }
  return steps;
}
