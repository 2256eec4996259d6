/** What a verb works with. Nothing is global: a test or a library user makes its own. */
import { createDocker, type Docker } from "./engine/docker.ts";
import type { Report } from "./process/report.ts";
import { createRunner, type Runner } from "./process/run.ts";

export interface Context {
  readonly docker: Docker;
  readonly runner: Runner;
  /** Ends all work; its reason is the error that the verb throws. */
  readonly signal: AbortSignal;
  readonly report: Report;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The label value that marks what this run makes, so that a later `doctor --clean` finds what a kill left. */
  readonly runId: string;
}

export interface ContextOptions {
  readonly signal?: AbortSignal;
  readonly report?: Report;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export function createContext(options: ContextOptions = {}): Context {
  const signal = options.signal ?? new AbortController().signal;
  const runner = createRunner(signal);
  return {
    docker: createDocker(runner),
    runner,
    signal,
    report: options.report ?? (() => {}),
    env: options.env ?? process.env,
    runId: `${process.pid.toString(36)}-${Date.now().toString(36)}`,
  };
}
