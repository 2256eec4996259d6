/** Long work that has parts: the steps of a build, the layers that are sent. What is told of them while they go on. */

/** One part, as it stands now. */
export interface Task {
  /** From 1, in the order in which they were first told. */
  readonly number: number;
  readonly title: string;
  readonly state: "waiting" | "running" | "done" | "cached" | "failed" | "cancelled";
  /** Whether people want to see it while all goes well; the rest is bookkeeping. */
  readonly isMain: boolean;
  /** How long it has run, in milliseconds, at the moment of the event. */
  readonly ms: number;
  /** `linux/arm64`, where it belongs to one. */
  readonly platform?: string;
  /** How the machine runs the programs that it starts; absent where it starts none, or where that is not known. */
  readonly execution?: "native" | "emulated";
  /** What has been transferred so far; the total is 0 while nobody knows it. */
  readonly bytes?: { readonly current: number; readonly total: number };
  /** Why it failed. */
  readonly error?: string;
}

export type TaskEvent =
  /** Other work begins, whose parts are numbered from 1 again. */
  | { readonly kind: "tasks" }
  /** A part begins, changes or ends. */
  | { readonly kind: "task"; readonly task: Task }
  /** A part's own output, or a count of it that is complete. */
  | {
      readonly kind: "task-output";
      readonly number: number;
      /** Seconds since the part began; absent where the line is no output of a program. */
      readonly seconds?: number;
      readonly line: string;
    };

/**
 * Tasks as lines, one after the other, for logs and for terminals that cannot go back: `#3 [2/5] RUN make`, `#3 0.512 words`,
 * `#3 DONE 1.2s`. The form is that of BuildKit's own plain progress (moby/buildkit, `util/progress/progressui`).
 */
export function createTaskLines(): (event: TaskEvent) => readonly string[] {
  const told = new Map<number, Task["state"]>();
  return (event) => {
    if (event.kind === "tasks") {
      told.clear();
      return [];
    }
    if (event.kind === "task-output") {
      const time = event.seconds === undefined ? "" : `${event.seconds.toFixed(3)} `;
      return [`#${event.number} ${time}${event.line}`];
    }
    const { task } = event;
    const before = told.get(task.number);
    if (task.state === "waiting" || before === task.state) return [];
    told.set(task.number, task.state);
    const head = before === undefined ? [`#${task.number} ${fullTitle(task)}`] : [];
    return [...head, ...ending(task)];
  };
}

/** The title with what it does not say itself. */
function fullTitle({ title, execution }: Task): string {
  return execution === "emulated" ? `${title} (emulated)` : title;
}

function ending({ number, state, ms, error, isMain }: Task): readonly string[] {
  switch (state) {
    case "done":
      // Bookkeeping is put aside within microseconds, and taken up again.
      return !isMain && ms < 1 ? [] : [`#${number} DONE ${(ms / 1000).toFixed(1)}s`];
    case "cached":
      return [`#${number} CACHED`];
    case "failed":
      return [`#${number} ERROR: ${error ?? "no reason was given"}`];
    case "cancelled":
      return [`#${number} CANCELED`];
    case "waiting":
    case "running":
      return [];
  }
}
