/** The account of a build: what each step was, and what emulation cost. */
import { parseVertexName } from "../../dockerfile/steps.ts";
import type { Task } from "../../process/task.ts";
import { startsProgram } from "../origin.ts";
import { type Interval, type Step, unionMs } from "./step.ts";

/** A step of the Dockerfile, or of what was done with its result. */
export interface BuildStep {
  /** As BuildKit calls it: `[linux/arm64 build 2/5] RUN npm ci`. */
  readonly name: string;
  /** `null` where it belongs to none, or where nobody can say. */
  readonly platform: string | null;
  /** Whether its programs need an emulator on the machine that built; `null` where that is not known. */
  readonly emulated: boolean | null;
  /** Whether it was in the cache, so that nothing ran. */
  readonly cached: boolean;
  /** How long it took. */
  readonly ms: number;
}

export interface EmulationLedger {
  /** How many steps ran programs under an emulator; what was cached did not run. */
  readonly steps: number;
  /** The time in which at least one of them ran, in milliseconds. */
  readonly ms: number;
  /** How long buildx's builder worked, in milliseconds. */
  readonly buildMs: number;
  /** How many steps ran programs and nobody can say how. */
  readonly unknown: number;
}

/** A step with what its name says. */
export interface KnownStep {
  readonly step: Step;
  readonly task: Task;
  /** When it worked, as far as that was within the build: one that builds the same beside it shares its steps. */
  readonly intervals: readonly Interval[];
}

/** What people call the steps of a build; bookkeeping is left out. */
export function buildSteps(known: readonly KnownStep[]): readonly BuildStep[] {
  return known
    .filter(({ task }) => task.isMain)
    .map((one) => ({
      name: one.step.name,
      platform: one.task.platform ?? null,
      emulated: isUnknown(one) ? null : one.task.execution === "emulated",
      cached: one.task.state === "cached",
      ms: Math.round(one.task.ms),
    }));
}

export function emulationLedger(known: readonly KnownStep[], buildMs: number): EmulationLedger {
  const ran = known.filter(({ task }) => task.state !== "cached" && task.state !== "waiting");
  const emulated = ran.filter(({ task }) => task.execution === "emulated");
  const intervals = emulated.flatMap((one) => one.intervals);
  return {
    steps: emulated.length,
    ms: Math.round(unionMs(intervals)),
    buildMs: Math.round(buildMs),
    unknown: ran.filter(isUnknown).length,
  };
}

/** Whether it ran a program, and nobody can say on what. */
function isUnknown({ step, task }: KnownStep): boolean {
  const { kind, command } = parseVertexName(step.name);
  return task.execution === undefined && kind === "step" && startsProgram(command);
}
