/** How a build goes on, over all its runs of buildx: to whoever listens, into the log, and into the account of its steps. */
import { createStatusReader } from "../../engine/progress.ts";
import type { Report } from "../../process/report.ts";
import { createTaskLines, type TaskEvent } from "../../process/task.ts";
import type { BuildLog } from "./log.ts";
import type { KnownStep } from "./ledger.ts";
import { type Origin, Steps } from "./steps.ts";

export interface ProgressOptions {
  readonly identify: (name: string) => Origin;
  readonly log: BuildLog;
  readonly report: Report;
  /** Hands on buildx's lines as they come, in place of telling of steps. */
  readonly isRaw: boolean;
}

/** One run of buildx. */
export interface Run {
  readonly steps: Steps;
  /** Takes the next line of its standard error. */
  line(text: string): void;
  /** Tells what is left. */
  end(): void;
  /** The lines that were no status: the error, and what that stands on; the last 64 KiB. */
  words(): string;
}

const keptText = 64 * 1024;

export class BuildProgress {
  readonly #options: ProgressOptions;
  readonly #runs: Steps[] = [];
  readonly #logLines = createTaskLines();
  readonly #warnings = new Set<string>();

  constructor(options: ProgressOptions) {
    this.#options = options;
    options.report({ kind: "tasks" });
  }

  /** Every step that began, once, in that order: what a second run found in the cache, the first one did. */
  get steps(): readonly KnownStep[] {
    const found = new Map<string, KnownStep>();
    for (const run of this.#runs) {
      for (const step of run.all) {
        if (step.number === 0 || (step.state === "cached" && found.has(step.digest))) continue;
        const intervals = run.ownIntervals(step);
        found.set(step.digest, { step, intervals, task: run.taskOf(step, Date.now()) });
      }
    }
    return [...found.values()].toSorted((one, other) => one.step.number - other.step.number);
  }

  /** How long the builder worked, from each run's first step to its last, in milliseconds. */
  get workedMs(): number {
    return this.#runs.reduce((sum, { workedMs }) => sum + workedMs, 0);
  }

  begin(): Run {
    const { identify, report, isRaw } = this.#options;
    const steps = new Steps(identify, this.#runs.at(-1)?.numbered ?? 0);
    this.#runs.push(steps);
    const read = createStatusReader();
    let words = "";
    return {
      steps,
      line: (text) => {
        if (isRaw) report({ kind: "output", line: text });
        const found = read(text);
        if (found === undefined) return;
        if (!("text" in found)) {
          this.#tell(steps.take(found, Date.now()));
          found.warnings.forEach((warning) => this.#warn(warning));
          return;
        }
        this.#options.log.write(found.text);
        words = `${words}${found.text}\n`.slice(-keptText);
      },
      end: () => this.#tell(steps.end()),
      words: () => words,
    };
  }

  /** What BuildKit's own checks say of the Dockerfile, each once. */
  #warn(text: string): void {
    if (this.#warnings.has(text)) return;
    this.#warnings.add(text);
    this.#options.log.write(`warning: ${text}`);
    this.#options.report({ kind: "warning", text });
  }

  #tell(events: readonly TaskEvent[]): void {
    const { log, report, isRaw } = this.#options;
    for (const event of events) {
      for (const line of this.#logLines(event)) log.write(line);
      if (!isRaw) report(event);
    }
  }
}
