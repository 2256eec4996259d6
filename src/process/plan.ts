/** A plan: typed steps with their reason, their command and their undo, carried out in order by one executor. */
import type { Report } from "./report.ts";

/** One change to the world. Made by a pure function from options and facts. */
export interface Step {
  /** Stable name, for JSON and tests: `create-builder`. */
  readonly id: string;
  /** What it does, as people read it: "Create the builder multiarch-builder". */
  readonly title: string;
  /** Why it is needed: "there is none of that name". */
  readonly reason: string;
  /** The commands it will run, each as argv; shown, and printed by `--dry-run`. */
  readonly commands: readonly (readonly string[])[];
  /** Carries it out. */
  act(): Promise<void>;
  /** Takes it back after a later step failed; absent where there is nothing to take back. */
  undo?(): Promise<void>;
}

export interface DoneStep {
  readonly id: string;
  readonly title: string;
  readonly reason: string;
  readonly ms: number;
}

export interface CarryOutOptions {
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Show the plan and do nothing. */
  readonly dryRun?: boolean;
}

/**
 * Carries out the steps in order. Where one fails, those done before it are undone, newest first, and its error is thrown.
 * An undo that fails is reported and does not hide the first error.
 */
export async function carryOut(
  steps: readonly Step[],
  { report, signal, dryRun = false }: CarryOutOptions,
): Promise<readonly DoneStep[]> {
  const done: { step: Step; ms: number }[] = [];
  for (const step of steps) {
    report({ kind: "step", title: step.title, reason: step.reason });
    for (const argv of step.commands) report({ kind: "command", argv });
    if (dryRun) continue;
    const started = performance.now();
    try {
      signal.throwIfAborted();
      await step.act();
    } catch (error) {
      await undoAll(done, report);
      throw error;
    }
    done.push({ step, ms: performance.now() - started });
  }
  return done.map(({ step, ms }) => ({
    id: step.id,
    title: step.title,
    reason: step.reason,
    ms: Math.round(ms),
  }));
}

async function undoAll(done: readonly { step: Step }[], report: Report): Promise<void> {
  for (const { step } of done.toReversed()) {
    if (step.undo === undefined) continue;
    report({ kind: "note", text: `Undoing: ${step.title}` });
    try {
      await step.undo();
    } catch (error) {
      report({ kind: "warning", text: `${step.title} could not be undone: ${String(error)}` });
    }
  }
}
