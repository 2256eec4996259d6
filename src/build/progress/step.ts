/** A step of a build, put together from all that BuildKit told of it. */
import type { Vertex, VertexStatus } from "../../engine/progress.ts";
import type { Task } from "../../process/task.ts";

/** From a start to a completion, in milliseconds since the epoch. */
export interface Interval {
  readonly started: number;
  readonly completed: number;
}

export class Step {
  /** From 1, in the order in which they began; 0 before that. */
  number = 0;
  /** What it has written, where that is seen and not told. */
  written: Task["bytes"];
  /** `sha256:…`: the same work has the same one in every run. */
  readonly digest: string;
  /** `[linux/arm64 build 2/5] RUN npm ci`. */
  readonly name: string;
  #isCached = false;
  #error: string | undefined;
  #runningSince: number | undefined;
  /** By their start: a step is looked at, put aside and taken up again. */
  readonly #intervals = new Map<number, Interval>();
  readonly #statuses = new Map<string, VertexStatus>();

  constructor({ digest, name }: Pick<Vertex, "digest" | "name">) {
    this.digest = digest;
    this.name = name;
  }

  /** Takes in what was told of it. The last word about an interval counts. */
  take({ started, completed, cached, error }: Vertex): void {
    this.#isCached ||= cached;
    this.#error ??= error;
    if (started === undefined) return;
    this.#runningSince = completed === undefined ? started : undefined;
    if (completed !== undefined) this.#intervals.set(started, { started, completed });
  }

  /** Takes in a count. @returns whether it is complete now, and was not before */
  count(status: VertexStatus): boolean {
    const before = this.#statuses.get(status.id);
    this.#statuses.set(status.id, status);
    return status.completed !== undefined && before?.completed === undefined;
  }

  get error(): string | undefined {
    return this.#error;
  }

  /** Since when it runs, or ran last. */
  get startedAt(): number | undefined {
    return this.#runningSince ?? [...this.#intervals.keys()].at(-1);
  }

  get intervals(): readonly Interval[] {
    return [...this.#intervals.values()];
  }

  get state(): Task["state"] {
    if (this.#error !== undefined) return isCancelled(this.#error) ? "cancelled" : "failed";
    if (this.#runningSince !== undefined) return "running";
    if (this.#isCached) return "cached";
    return this.#intervals.size === 0 ? "waiting" : "done";
  }

  /** How long it worked until `now`; what overlaps counts once. In milliseconds. */
  workedMs(now: number): number {
    const since = this.#runningSince;
    const running =
      since === undefined ? [] : [{ started: since, completed: Math.max(now, since) }];
    return unionMs([...this.#intervals.values(), ...running]);
  }

  /** The bytes of everything in it that is being transferred; absent where nothing is. */
  get bytes(): Task["bytes"] {
    if (this.written !== undefined) return this.written;
    let [current, total] = [0, 0];
    for (const status of this.#statuses.values()) {
      current += status.current;
      // Of a transfer without a known end, what has come is all that is known.
      total += status.total > 0 ? status.total : status.current;
    }
    return current + total === 0 ? undefined : { current, total };
  }
}

/** BuildKit's words for a step that ended because another failed or because someone interrupted. */
function isCancelled(error: string): boolean {
  return /context canceled|: canceled\b/i.test(error);
}

/** The time that lies in any of them, in milliseconds. */
export function unionMs(intervals: readonly Interval[]): number {
  let [sum, end] = [0, Number.NEGATIVE_INFINITY];
  for (const { started, completed } of intervals.toSorted(
    (one, other) => one.started - other.started,
  )) {
    sum += Math.max(0, completed - Math.max(started, end));
    end = Math.max(end, completed);
  }
  return sum;
}
