/** Steps that would run emulated where that was forbidden: an error before anything begins. */
import { codeFrame } from "../../dockerfile/frame.ts";
import { fail } from "../../errors.ts";
import { runsNatively } from "../../platform/machine.ts";
import { formatPlatform, type Platform } from "../../platform/platform.ts";
import type { Work } from "../produce.ts";
import { type ProgramStep, programSteps, type TargetStages } from "../stages.ts";

/** The steps that run programs of another machine. */
export function emulatedSteps(
  targets: readonly TargetStages[],
  native: Platform,
): readonly ProgramStep[] {
  return programSteps(targets).filter(({ platform }) => !runsNatively(platform, native));
}

/** @throws EMULATION_REFUSED, BUILD_REFUSED where nobody can say what would be emulated */
export function refuseEmulation({
  work,
  targets,
  native,
}: {
  readonly work: Pick<Work, "source" | "builder">;
  readonly targets: readonly TargetStages[];
  readonly native: Platform | undefined;
}): void {
  if (native === undefined) {
    const problem = `It cannot be said what machine the builder ${work.builder.name} is, so no step of it can be promised to run natively.`;
    throw fail("BUILD_REFUSED", { problem, fix: "Build without --no-emulation." });
  }
  const steps = emulatedSteps(targets, native);
  const [first] = steps;
  if (first === undefined) return;
  const platforms = [...new Set(steps.map(({ platform }) => formatPlatform(platform)))];
  const { text = "" } = work.source;
  throw fail(
    "EMULATION_REFUSED",
    { steps: steps.length, platforms },
    { excerpt: codeFrame(text, first.instruction.range) },
  );
}
