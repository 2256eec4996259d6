/** The instructions of a stage with the directory and the programs of each, those of the stages that it is built upon included. */
import { directoryAfter, directoryOfImage } from "../../dockerfile/directory.ts";
import { imageOf } from "../../dockerfile/lineage.ts";
import { hole } from "../../shell/value.ts";
import { type Program, programsOf } from "../program.ts";
import { Texts } from "../scope.ts";
import type { InstructionView, StageView, TargetView } from "../view.ts";

export interface Step {
  readonly stage: StageView;
  readonly view: InstructionView;
  /** That it begins in; undefined where that cannot be told. */
  readonly directory: string | undefined;
  readonly programs: readonly Program[];
}

/** What a stage has behind it at its end, in order. */
export function stepsOf({ resolved }: StageView, { lineage, stages }: TargetView): readonly Step[] {
  const chain = lineage.chains.get(resolved.index) ?? [resolved];
  let directory = directoryOfImage(imageOf(chain));
  return chain.flatMap(({ index }) => {
    const stage = stages.find((one) => one.resolved.index === index);
    if (stage === undefined) return [];
    const programs = Map.groupBy(programsOf(stage), ({ step }) => step);
    return stage.instructions.map((view) => {
      const step = { stage, view, directory, programs: programs.get(view) ?? [] };
      if (view.instruction.keyword === "WORKDIR") directory = after(step);
      return step;
    });
  });
}

function after({ view, directory }: Step): string | undefined {
  const place = directoryAfter(view.instruction, directory, new Texts(view.variables));
  return place?.includes(hole) === true ? undefined : place;
}

/** What comes behind a step: in its stage, and in those that are built upon that. */
export function stepsBehind(step: Step, view: TargetView): readonly Step[] {
  const own = view.stages.filter(({ resolved }) =>
    (view.lineage.chains.get(resolved.index) ?? []).includes(step.stage.resolved),
  );
  const all = own.map((stage) => stepsOf(stage, view));
  const behind = all.flatMap((steps) =>
    steps.slice(steps.findIndex(({ view: one }) => one === step.view) + 1),
  );
  return [...new Map(behind.map((one) => [one.view, one])).values()];
}
