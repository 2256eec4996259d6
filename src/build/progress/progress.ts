/** How a build goes on, over all its runs of buildx: to whoever listens, into the log, and into the account of its steps. */
import { createStatusReader } from "../../engine/progress.ts";
import { fail, type TransshipError } from "../../errors.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Report } from "../../process/report.ts";
import { createTaskLines, type TaskEvent } from "../../process/task.ts";
import type { Amount } from "../../store/incoming.ts";
import type { BuildLog } from "./log.ts";
import type { KnownStep } from "./ledger.ts";
import { unionMs } from "./step.ts";
import { type Origin, Steps } from "./steps.ts";

export interface ProgressOptions {
  /** What the name of a step says, in a run that builds those platforms. */
  readonly identify: (name: string, platforms: readonly Platform[]) => Origin;
  readonly log: BuildLog;
  readonly report: Report;
  /** Hands on buildx's lines as they come, in place of telling of steps. */
  readonly isRaw: boolean;
  /** Whether a step that runs emulated ends the build: one that the Dockerfile does not show, such as a base image's trigger. */
  readonly isEmulationRefused?: boolean;
}

/** One run of buildx. */
export interface Run {
  readonly steps: Steps;
  /** Takes the next line of its standard error. */
  line(text: string): void;
  /** Whether it is writing what it made. */
  readonly isExporting: boolean;
  /** Tells how much has been written. */
  exported(bytes: Amount): void;
  /** Tells what is left. */
  end(): void;
  /** The lines that were no status: the error, and what that stands on; the last 64 KiB. */
  words(): string;
}

const keptText = 64 * 1024;

export class BuildProgress {
  readonly #options: ProgressOptions;
  readonly #runs: Steps[] = [];
  #numbered = 0;
  readonly #end = new AbortController();
  readonly #logLines = createTaskLines();
  readonly #warnings = new Set<string>();

  constructor(options: ProgressOptions) {
    this.#options = options;
    options.report({ kind: "tasks" });
  }

  /** Ends the runs; its reason is the error. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Ends all runs, because of that. */
  stop(error: unknown): void {
    this.#end.abort(error);
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

  /** How long the builder worked, from each run's first step to its last, in milliseconds; runs side by side count once. */
  get workedMs(): number {
    return unionMs(this.#runs.flatMap(({ span }) => span ?? []));
  }

  /** Follows another run, which builds those platforms. Several may go on at once. */
  begin(platforms: readonly Platform[] = []): Run {
    const { identify, report, isRaw } = this.#options;
    const steps = new Steps(
      (name) => identify(name, platforms),
      () => (this.#numbered += 1),
    );
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
      get isExporting() {
        return steps.exporting !== undefined;
      },
      exported: (bytes) => this.#tell(steps.exported(bytes, Date.now())),
      end: () => this.#tell(steps.end()),
      words: () => words,
    };
  }

  /** What BuildKit's own checks say of the Dockerfile, each once. */
  #warn(text: string): void {
    if (this.#warnings.has(text)) return;
    this.#warnings.add(text);
    const foreign = foreignBase(text);
    if (foreign !== undefined) this.#end.abort(foreign);
    this.#options.log.write(`warning: ${text}`);
    this.#options.report({ kind: "warning", text });
  }

  #tell(events: readonly TaskEvent[]): void {
    const { log, report, isRaw, isEmulationRefused } = this.#options;
    for (const event of events) {
      for (const line of this.#logLines(event)) log.write(line);
      if (!isRaw) report(event);
      if (isEmulationRefused === true) this.#refuse(event);
    }
  }

  #refuse(event: TaskEvent): void {
    if (event.kind !== "task" || event.task.state !== "running") return;
    const { execution, platform = "" } = event.task;
    if (execution !== "emulated") return;
    const excerpt = [event.task.title];
    const facts = { steps: 1, platforms: [platform] };
    this.#end.abort(fail("EMULATION_REFUSED", facts, { excerpt }));
  }
}

/** BuildKit only warns where a base image is for another platform, and builds on it all the same. */
function foreignBase(warning: string): TransshipError | undefined {
  const [, image, platform] =
    /^InvalidBaseImagePlatform: Base image (\S+) was pulled with platform "[^"]*", expected "([^"]*)"/.exec(
      warning,
    ) ?? [];
  if (image === undefined || platform === undefined) return undefined;
  return fail("BASE_PLATFORM_MISSING", { image, platform }, { excerpt: [warning] });
}
