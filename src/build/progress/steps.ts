/** All steps of one run of buildx, and what is told of them as they change. */
import type { SolveStatus, Vertex, VertexLog, VertexStatus } from "../../engine/progress.ts";
import { formatSize } from "../../oci/size.ts";
import type { Task, TaskEvent } from "../../process/task.ts";
import type { Amount } from "../../store/incoming.ts";
import { Lines } from "./lines.ts";
import { type Interval, Step } from "./step.ts";

/** What a step's name says to who knows the Dockerfile and the machine. */
export type Origin = Pick<Task, "title" | "isMain" | "platform" | "execution">;

/** How many of a step's last lines are kept for who asks why it failed. */
const keptLines = 40;

/** What buildx does itself, before the builder works and after it. */
const clientWork =
  /^\[(?:\S+ )?internal\] (?:booting|creating|pulling|waiting)|^resolving provenance/;

export class Steps {
  readonly #identify: (name: string) => Origin;
  #numbered: number;
  #beganAt: number | undefined;
  readonly #byDigest = new Map<string, Step>();
  readonly #lines = new Map<Step, Lines>();
  readonly #tails = new Map<Step, string[]>();

  /** `before` is the last number that a step of another run of the same build had. */
  constructor(identify: (name: string) => Origin, before: number) {
    this.#identify = identify;
    this.#numbered = before;
  }

  /** When a step worked, from the begin of this run on. */
  ownIntervals({ intervals }: Step): readonly Interval[] {
    const begin = this.#beganAt ?? Number.NEGATIVE_INFINITY;
    return intervals
      .filter(({ completed }) => completed >= begin)
      .map(({ started, completed }) => ({ started: Math.max(started, begin), completed }));
  }

  /** How long the builder worked, in milliseconds. */
  get workedMs(): number {
    const own = this.all.filter(({ name }) => !clientWork.test(name));
    const ends = own.flatMap((step) => this.ownIntervals(step).map(({ completed }) => completed));
    return this.#beganAt === undefined ? 0 : Math.max(this.#beganAt, ...ends) - this.#beganAt;
  }

  /** The number of the step that began last. */
  get numbered(): number {
    return this.#numbered;
  }

  /** Takes in one status. @returns what is to be told, in its order; a task may be told again without a change */
  take(status: SolveStatus, now: number): readonly TaskEvent[] {
    const touched = new Set(status.vertexes.map((vertex) => this.#know(vertex)));
    const counted = status.statuses.flatMap((one) => this.#count(one, touched));
    const printed = status.logs.flatMap((log) => this.#print(log));
    const told = [...touched].filter(({ state }) => state !== "waiting");
    const [running, over] = [told.filter(isRunning), told.filter((step) => !isRunning(step))];
    return [
      ...running.map((step) => this.#event(step, now)),
      ...counted,
      ...printed,
      ...over.flatMap((step) => this.#rest(step)),
      ...over.map((step) => this.#event(step, now)),
    ];
  }

  /** The step that writes what was made, while it does. */
  get exporting(): Step | undefined {
    return this.all.find(({ name, state }) => state === "running" && name.startsWith("exporting "));
  }

  /** Takes in how much of an export has been written. */
  exported(bytes: Amount, now: number): readonly TaskEvent[] {
    const { exporting } = this;
    if (exporting === undefined || bytes.total === 0) return [];
    exporting.written = bytes;
    return [this.#event(exporting, now)];
  }

  /** What steps printed without an end of line, when nothing more will come. */
  end(): readonly TaskEvent[] {
    return this.all.flatMap((step) => this.#rest(step));
  }

  get all(): readonly Step[] {
    return [...this.#byDigest.values()];
  }

  /**
   * The step that made the build fail: the one that buildx's error names. The others were cancelled with it, and a cache that cannot
   * be imported fails as a step that the build does without.
   */
  failedIn(words: string): Step | undefined {
    const failed = this.all.filter(({ state }) => state === "failed");
    const named = failed.findLast(({ error = "" }) => error !== "" && words.includes(error));
    if (named !== undefined || !words.includes("failed to solve")) return named;
    return failed.findLast(({ name }) => !name.startsWith("importing cache"));
  }

  /** The last lines that a step printed. */
  tailOf(step: Step): readonly string[] {
    return this.#tails.get(step) ?? [];
  }

  taskOf(step: Step, now: number): Task {
    const { number, state, bytes, error } = step;
    return {
      ...this.#identify(step.name),
      number,
      state,
      ms: step.workedMs(now),
      ...(bytes === undefined ? {} : { bytes }),
      ...(error === undefined ? {} : { error }),
    };
  }

  #know(vertex: Vertex): Step {
    const step = this.#byDigest.get(vertex.digest) ?? new Step(vertex);
    this.#byDigest.set(vertex.digest, step);
    step.take(vertex);
    // The first is the Dockerfile's, which no other build shares.
    if (!clientWork.test(step.name)) this.#beganAt ??= vertex.started;
    if (step.state !== "waiting") step.number ||= ++this.#numbered;
    return step;
  }

  #event(step: Step, now: number): TaskEvent {
    return { kind: "task", task: this.taskOf(step, now) };
  }

  #count(status: VertexStatus, touched: Set<Step>): readonly TaskEvent[] {
    const step = this.#byDigest.get(status.vertex);
    if (step === undefined) return [];
    touched.add(step);
    const isComplete = step.count(status);
    return isComplete
      ? [{ kind: "task-output", number: step.number, line: countLine(status) }]
      : [];
  }

  #print({ vertex, stream, data, timestamp }: VertexLog): readonly TaskEvent[] {
    const step = this.#byDigest.get(vertex);
    if (step === undefined) return [];
    const lines = this.#lines.get(step) ?? new Lines();
    this.#lines.set(step, lines);
    const seconds = Math.max(0, timestamp - (step.startedAt ?? timestamp)) / 1000;
    return lines.take(stream, data, seconds).map((line) => this.#printed(step, line));
  }

  #rest(step: Step): readonly TaskEvent[] {
    const rest = this.#lines.get(step)?.end() ?? [];
    return rest.map((line) => this.#printed(step, line));
  }

  #printed(
    step: Step,
    { line, seconds }: { readonly line: string; readonly seconds: number },
  ): TaskEvent {
    const tail = this.#tails.get(step) ?? [];
    this.#tails.set(step, [...tail.slice(1 - keptLines), line]);
    return { kind: "task-output", number: step.number, seconds, line };
  }
}

function isRunning({ state }: Step): boolean {
  return state === "running";
}

/** `transferring context: 1.2 MB done`, `sha256:… 40.6 MB 2.1s done`. */
function countLine({ id, current, started, completed }: VertexStatus): string {
  const size = current === 0 ? "" : ` ${formatSize(current)}`;
  const seconds =
    started === undefined || completed === undefined ? 0 : (completed - started) / 1000;
  return `${id}${size}${seconds >= 0.1 ? ` ${seconds.toFixed(1)}s` : ""} done`;
}
