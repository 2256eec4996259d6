/** What each emulated step of the Dockerfile took: BuildKit's steps held against the instructions that they are of. */
import { parseVertexName } from "../../dockerfile/steps.ts";
import { formatPlatform } from "../../platform/platform.ts";
import { startsProgram } from "../origin.ts";
import type { KnownStep } from "../progress/ledger.ts";
import type { ProgramStep } from "../stages.ts";
import type { EmulatedStep } from "./explanation.ts";

/**
 * The names of steps have the instruction with its variables replaced, so they are told apart by their order: the second RUN of a
 * stage is its second step that runs something.
 */
export function withCost(
  steps: readonly ProgramStep[],
  known: readonly KnownStep[],
): readonly EmulatedStep[] {
  return steps.map((step) => {
    const { instruction, stage, platform } = step;
    const runs = stage.stage.instructions.filter(({ keyword }) => keyword === "RUN");
    const own = known
      .map((one) => ({ ...one, vertex: parseVertexName(one.step.name) }))
      .filter(
        ({ vertex, task }) =>
          vertex.kind === "step" &&
          vertex.stage === stage.vertexName &&
          task.platform === formatPlatform(platform) &&
          startsProgram(vertex.command) &&
          !/^ONBUILD /i.test(vertex.command),
      )
      .toSorted((one, other) => (one.vertex.step ?? 0) - (other.vertex.step ?? 0));
    const found = own[runs.indexOf(instruction)]?.task;
    return found === undefined || found.state === "cached" ? { step } : { step, ms: found.ms };
  });
}
