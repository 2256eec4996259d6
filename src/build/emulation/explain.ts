/** The ways out of emulation for all emulated steps of a build, as far as its Dockerfile can be read from here. */
import type { Platform } from "../../platform/platform.ts";
import type { KnownStep } from "../progress/ledger.ts";
import type { BuildSource } from "../source.ts";
import type { TargetStages } from "../stages.ts";
import { withCost } from "./cost.ts";
import { adviseStages, type StageAdvice } from "./explanation.ts";
import { emulatedSteps } from "./refusal.ts";

export interface Explanation {
  /** The dearest first. */
  readonly advices: readonly StageAdvice[];
  /** The Dockerfile's text, which they show parts of. */
  readonly dockerfile: string;
}

/** `undefined` where the Dockerfile or the machine that builds is not known. `known` is what ran; nothing in a plan. */
export function explainEmulation(
  {
    source,
    targets,
    native,
  }: {
    readonly source: BuildSource;
    readonly targets: readonly TargetStages[];
    readonly native: Platform | undefined;
  },
  known: readonly KnownStep[],
): Explanation | undefined {
  const { dockerfile, text } = source;
  if (dockerfile === undefined || text === undefined || native === undefined) return undefined;
  const steps = withCost(emulatedSteps(targets, native), known);
  return { advices: adviseStages(steps, dockerfile, targets), dockerfile: text };
}
