/** Where the instructions stand that copy from elsewhere: the directory, and the variables. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import { imageOf, type Standing } from "../../dockerfile/lineage.ts";
import type { ResolvedStage } from "../../dockerfile/stages.ts";
import { newState, pass, type State, textIn } from "./state.ts";

/** Of stages that are built upon each other, the first one first. */
export function standingsIn(chain: readonly ResolvedStage[]): ReadonlyMap<Instruction, Standing> {
  const sources = chain.flatMap((stage) => stage.sources);
  const copying = new Set(sources.map(({ instruction }) => instruction));
  const standings = new Map<Instruction, Standing>();
  const state = newState(imageOf(chain));
  for (const instruction of chain.flatMap(({ stage }) => stage.instructions)) {
    if (copying.has(instruction)) standings.set(instruction, standingAt(state));
    pass(instruction, state);
  }
  return standings;
}

function standingAt({ directory, environment }: State): Standing {
  const known = new Map(environment);
  return { directory, textOf: (word) => textIn(word, known) };
}
