/** A terminal that shows tasks while they go on. Everything else is written above them. */
import { createLogUpdate } from "log-update";
import type { TaskEvent } from "../process/task.ts";
import type { Style } from "./style.ts";
import { overLine, runningLines, type SeenTask } from "./tasks.ts";

export interface Live {
  task(event: TaskEvent): void;
  /** Writes a text that stays. */
  write(text: string): void;
  /** Leaves nothing but what stays. */
  close(): void;
}

const everyMs = 100;

export function startLive(stream: NodeJS.WriteStream, style: Style): Live {
  // The cursor stays visible, so that a kill cannot leave it hidden.
  const update = createLogUpdate(stream, { showCursor: true });
  const seen = new Map<number, SeenTask>();
  /** Those that are over and not told yet: some are taken up again at once. */
  const over = new Set<number>();
  const screen = () => ({ columns: stream.columns || 80, style });
  const settle = (before: number) => {
    for (const number of over) {
      const one = seen.get(number);
      if (one === undefined || one.at > before) continue;
      over.delete(number);
      const line = overLine(one.task, screen());
      if (line !== undefined) update.persist(line);
    }
  };
  const draw = () => {
    const now = performance.now();
    settle(now - everyMs);
    update(runningLines([...seen.values()], now, screen()).join("\n"));
  };
  const timer = setInterval(draw, everyMs).unref();
  return {
    task(event) {
      const at = performance.now();
      if (event.kind === "tasks") {
        settle(Infinity);
        seen.clear();
        return;
      }
      if (event.kind === "task-output") {
        const one = seen.get(event.number);
        if (one !== undefined && event.seconds !== undefined)
          seen.set(event.number, { ...one, lastLine: event.line });
        return;
      }
      const { task } = event;
      seen.set(task.number, { ...seen.get(task.number), task, at });
      if (task.state === "running" || task.state === "waiting") over.delete(task.number);
      else over.add(task.number);
    },
    write: (text) => update.persist(text),
    close() {
      clearInterval(timer);
      settle(Infinity);
      update.clear();
    },
  };
}
