/** Where the instructions stand that copy from elsewhere: the directory, and the variables. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import { imageOf, type Standing } from "../../dockerfile/lineage.ts";
import type { ResolvedStage } from "../../dockerfile/stages.ts";
import { expand } from "../../dockerfile/variables.ts";
import { newState, pass, type State } from "./state.ts";

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
  return {
    directory,
    textOf: (word) => {
      const { text, missing, problem } = expand(word, known);
      // A value with a variable that is not known is kept as it is written.
      const isKnown = problem === undefined && missing.size === 0 && !text.includes("$");
      return isKnown ? text : undefined;
    },
  };
}
