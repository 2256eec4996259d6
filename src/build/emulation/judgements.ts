/** What every RUN of a stage needs to run on the machine that builds, read in the stage's order. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import { distributionOf } from "./distribution.ts";
import { families } from "./families/families.ts";
import { type Judgement, judge, type Reading, type Surroundings } from "./judgement.ts";
import { type Program, programOf } from "./program.ts";
import { readScript } from "./script.ts";
import { assign, follow, newState, pass } from "./state.ts";
import { foreign, type Situation, type Treatment } from "./treatment.ts";

/** The longest stages that people write start some hundred. */
const mostPrograms = 2000;

/** Judges the RUN instructions among those of a stage, what it is built upon included. */
export function judgeAll(
  instructions: readonly Instruction[],
  surroundings: Surroundings,
): ReadonlyMap<Instruction, Judgement> {
  const runs = instructions.filter(({ keyword }) => keyword === "RUN");
  const readings = new Map(runs.map((run) => [run, readRun(run)]));
  const all = [...readings.values()].flatMap(({ programs }) => programs);
  const isTooLong = all.length > mostPrograms;
  const distribution = distributionOf(surroundings.image, all);
  const judgements = new Map<Instruction, Judgement>();
  const state = newState(surroundings.image);
  const made = new Set<string>();
  let passed = 0;
  for (const instruction of instructions) {
    const reading = readings.get(instruction);
    if (reading === undefined) {
      pass(instruction, state);
      continue;
    }
    const treatments: Treatment[] = [];
    const own = { directory: state.directory, environment: new Map(state.environment) };
    for (const command of isTooLong ? [] : reading.script.commands) {
      const program = programOf(command);
      if (program === undefined) {
        for (const { text } of command.assignments) assign(text, own.environment);
        continue;
      }
      passed += 1;
      const situation: Situation = {
        ...surroundings,
        ...own,
        distribution,
        earlier: all.slice(0, passed - 1),
        later: all.slice(passed),
      };
      const treatment = made.has(program.name ?? "") ? running : treat(program, situation);
      treatments.push(treatment);
      for (const name of madeBy(treatment)) made.add(name);
      follow(program, own);
    }
    if (isTooLong) {
      treatments.push(foreign("The stage runs more programs than can be read here."));
    }
    judgements.set(
      instruction,
      judge(reading, treatments, state, { surroundings, all: all.slice(0, passed) }),
    );
  }
  return judgements;
}

function readRun(instruction: Instruction): Reading {
  const script = readScript(instruction);
  const programs = script.commands.flatMap((command) => programOf(command) ?? []);
  return { instruction, script, programs };
}

const running = foreign("It runs what was made for the target, which only its own machine can.");

/** The names of the files that were compiled or fetched. */
function madeBy({ kind, outputs = [] }: Treatment): readonly string[] {
  if (kind === "plain") return [];
  const names = outputs
    .filter(({ isDirectory }) => !isDirectory)
    .map(({ path }) => path.split("/").at(-1) ?? "");
  return names.filter((name) => name !== "");
}

function treat(program: Program, situation: Situation): Treatment {
  for (const family of families) {
    const treatment = family(program, situation);
    if (treatment !== undefined) return treatment;
  }
  return foreign(`Nobody can say here what ${shown(program)} does for another machine.`);
}

function shown({ word }: Program): string {
  const text = word.text.replaceAll(/\p{Cc}/gu, " ");
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
