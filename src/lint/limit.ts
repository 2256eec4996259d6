/** What is more than the rules look at. No Dockerfile that people write comes near it; what a program wrote, or an enemy, would take minutes. */
import { pairsOf } from "../dockerfile/pair.ts";
import type { Range } from "../dockerfile/range.ts";
import type { Dockerfile } from "../dockerfile/syntax.ts";

const most = {
  /** Those that ONBUILD holds back count in every stage that is built upon theirs. */
  instructions: 5000,
  stages: 500,
  /** Of ARG and ENV. */
  variables: 1000,
  /** `${X#…}` and its like, outside of scripts. */
  patterns: 50,
} as const;

/** How many nodes of shell scripts are gone through for one platform. */
export const mostEffort = 30_000;

export interface Excess {
  /** One clause without a full stop. */
  readonly message: string;
  readonly range: Range;
}

/** Why no rule looks at it, with the place where it is too much. */
export function excessIn(dockerfile: Dockerfile): Excess | undefined {
  const { instructions, stages } = dockerfile;
  const stage = stages[most.stages];
  if (stage !== undefined) return excess(`${most.stages} stages`, stage.from.range);
  const instruction = instructions[most.instructions];
  const many = `${most.instructions} instructions`;
  if (instruction !== undefined) return excess(many, instruction.range);
  let [variables, patterns] = [0, 0];
  for (const one of instructions) {
    const own = one.trigger ?? one;
    const { keyword, range, text } = own;
    if (keyword === "RUN") continue;
    if (keyword === "ARG" || keyword === "ENV") variables += pairsOf(own).length;
    patterns += text.match(/\$\{\w+[#%/]/g)?.length ?? 0;
    if (variables > most.variables) return excess(`${most.variables} variables`, range);
    if (patterns > most.patterns) return excess(`${most.patterns} patterns in words`, range);
  }
  const perStage = stages.map(
    (one) => one.instructions.filter(({ trigger }) => trigger !== undefined).length,
  );
  const triggers = perStage.reduce((sum, count) => sum + count, 0);
  const holding = stages[perStage.findIndex((count) => count > 0)];
  if (holding === undefined || triggers * stages.length <= most.instructions) return undefined;
  return excess(`${most.instructions} instructions that ONBUILD holds back`, holding.from.range);
}

function excess(what: string, range: Range): Excess {
  return { message: `it has more than ${what}`, range };
}
