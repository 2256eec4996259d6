/** The advice for all emulated steps of a build, one for those that one change serves. */
import type { Instruction } from "../../dockerfile/instruction.ts";
import type { Dockerfile } from "../../dockerfile/syntax.ts";
import { formatPlatform } from "../../platform/platform.ts";
import type { ProgramStep, TargetStages } from "../stages.ts";
import { type Advice, createAdviser } from "./advice.ts";

export interface EmulatedStep {
  readonly step: ProgramStep;
  /** How long it took, in milliseconds, where it ran. */
  readonly ms?: number;
}

export interface AdvisedStep {
  readonly instruction: Instruction;
  /** Those that it runs for under an emulator. */
  readonly platforms: readonly string[];
  /** For all of them together. */
  readonly ms?: number;
}

export interface StageAdvice extends Advice {
  /** The stage's name as the file writes it, else its number from 0. */
  readonly stage: string;
  /** The dearest first, else in the file's order. */
  readonly steps: readonly AdvisedStep[];
  readonly ms?: number;
}

/** One advice for the steps that share it; the one whose steps took longest comes first. */
export function adviseStages(
  emulated: readonly EmulatedStep[],
  dockerfile: Dockerfile,
  targets: readonly TargetStages[],
): readonly StageAdvice[] {
  const groups = new Map<string, { advice: Advice; stage: string; steps: EmulatedStep[] }>();
  const advise = createAdviser(dockerfile, targets);
  for (const one of emulated) {
    const { stage } = one.step;
    const advice = advise(one.step);
    const { way, why, lines, caveat = "" } = advice;
    const key = JSON.stringify(lines.length > 0 ? lines : [stage.index, way, why, caveat]);
    const name =
      stage.stage.name === undefined
        ? String(stage.index)
        : (stage.stage.from.arguments[2]?.text ?? "");
    const group = groups.get(key) ?? { advice, stage: name, steps: [] };
    group.steps.push(one);
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ advice, stage, steps }) => withSteps(advice, stage, byInstruction(steps)))
    .toSorted((one, other) => (other.ms ?? 0) - (one.ms ?? 0));
}

function byInstruction(steps: readonly EmulatedStep[]): readonly AdvisedStep[] {
  const instructions = new Map<Instruction, EmulatedStep[]>();
  for (const one of steps) {
    const { instruction } = one.step;
    instructions.set(instruction, [...(instructions.get(instruction) ?? []), one]);
  }
  return [...instructions]
    .map(([instruction, own]) => advisedStep(instruction, own))
    .toSorted((one, other) => (other.ms ?? 0) - (one.ms ?? 0));
}

function withSteps(advice: Advice, stage: string, steps: readonly AdvisedStep[]): StageAdvice {
  return { ...advice, stage, steps, ...summed(steps) };
}

function advisedStep(instruction: Instruction, steps: readonly EmulatedStep[]): AdvisedStep {
  const platforms = new Set(steps.map(({ step }) => formatPlatform(step.platform)));
  return { instruction, platforms: [...platforms], ...summed(steps) };
}

function summed(steps: readonly { readonly ms?: number }[]): { readonly ms?: number } {
  const known = steps.flatMap(({ ms }) => ms ?? []);
  return known.length === 0 ? {} : { ms: known.reduce((sum, ms) => sum + ms, 0) };
}
