/** Tasks on a terminal: a line for each that is over, and below them those that run, drawn again and again. */
import { stripVTControlCharacters } from "node:util";
import { formatSize } from "../oci/size.ts";
import type { Task } from "../process/task.ts";
import type { Style } from "./style.ts";

/** A task as it was told last. */
export interface SeenTask {
  readonly task: Task;
  /** When that was, in milliseconds of the same clock as `now`. */
  readonly at: number;
  /** What it printed last. */
  readonly lastLine?: string;
}

export interface Screen {
  readonly columns: number;
  readonly style: Style;
}

/** Bookkeeping is shown only when it takes that long, in milliseconds. */
const patienceMs = 1_000;

/** The line of a task that is over; `undefined` for bookkeeping that went well. */
export function overLine(task: Task, screen: Screen): string | undefined {
  const { state, isMain } = task;
  if (state === "waiting" || state === "running") return undefined;
  if (!isMain && state !== "failed") return undefined;
  const { style } = screen;
  switch (state) {
    case "done":
      return row(style("green", "✓"), task.title, ending(task, task.ms), screen);
    case "failed":
      return row(style("red", "✗"), task.title, ending(task, task.ms), screen);
    case "cached":
      return style("dim", row("-", task.title, "cached", screen));
    case "cancelled":
      return style("dim", row("-", task.title, "cancelled", screen));
  }
}

/** What runs now, each with its time and its last line, below a line of counts. */
export function runningLines(
  seen: readonly SeenTask[],
  now: number,
  screen: Screen,
): readonly string[] {
  const running = seen.filter(({ task }) => task.state === "running");
  if (running.length === 0) return [];
  const shown = running.filter((one) => one.task.isMain || elapsed(one, now) >= patienceMs);
  return [
    ...shown.flatMap((one) => {
      const ms = elapsed(one, now);
      const line = row("▸", one.task.title, ending(one.task, ms, screen.columns), screen);
      return one.lastLine === undefined
        ? [line]
        : [line, screen.style("dim", cut(`    ${oneLine(one.lastLine)}`, screen.columns))];
    }),
    cut(counts(seen, running.length), screen.columns),
  ];
}

function counts(seen: readonly SeenTask[], running: number): string {
  const main = seen.filter(({ task }) => task.isMain);
  const count = (state: Task["state"]) => main.filter(({ task }) => task.state === state).length;
  const emulated = seen.filter(
    ({ task }) => task.state === "running" && task.execution === "emulated",
  ).length;
  const parts = [
    `${count("done")} done`,
    `${count("cached")} cached`,
    `${running} running${emulated === 0 ? "" : ` (${emulated} emulated)`}`,
  ];
  return parts.join(", ");
}

function elapsed({ task, at }: SeenTask, now: number): number {
  return task.ms + (task.state === "running" ? Math.max(0, now - at) : 0);
}

function ending({ bytes, execution, state }: Task, ms: number, columns = 0): string {
  const size =
    bytes === undefined || state !== "running"
      ? []
      : [
          bytes.total > bytes.current
            ? `${formatSize(bytes.current)} of ${formatSize(bytes.total)}`
            : formatSize(bytes.current),
        ];
  const machine = execution === "emulated" ? ["emulated"] : [];
  // A title wants room as well.
  const rate = columns < widthOfPace ? [] : pace(bytes, state, ms);
  return [...size, ...rate, ...machine, `${(ms / 1000).toFixed(1)} s`].join("  ");
}

/** Narrower terminals have no room for a rate. */
const widthOfPace = 80;
/** A rate is none before that, in milliseconds. */
const leastMs = 1_000;

/** `12.3 MB/s, 5 s left`, of what has a known size and is on its way. */
function pace(bytes: Task["bytes"], state: Task["state"], ms: number): readonly string[] {
  const { current, total } = bytes ?? { current: 0, total: 0 };
  if (state !== "running" || current === 0 || total <= current || ms < leastMs) return [];
  const bytesPerMs = current / ms;
  const left = Math.ceil((total - current) / bytesPerMs / 1000);
  return [`${formatSize(Math.round(bytesPerMs * 1000))}/s, ${spanOf(left)} left`];
}

/** `42 s`, `3 min 20 s`. */
function spanOf(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A mark, a text that is cut where the width ends, and an end that stands at the right. */
function row(mark: string, text: string, end: string, { columns }: Screen): string {
  const room = Math.max(10, columns - end.length - 5);
  return `${mark} ${cut(oneLine(text), room).padEnd(room)}  ${end}`;
}

/** Nothing of it moves the cursor: what steps print is not to be trusted. */
function oneLine(text: string): string {
  const last = text.trimEnd().split("\r").at(-1) ?? "";
  return stripVTControlCharacters(last)
    .replaceAll(/\s+/g, " ")
    .replaceAll(/\p{Cc}/gu, "")
    .trim();
}

const letters = new Intl.Segmenter();

function cut(text: string, room: number): string {
  if (text.length <= room) return text;
  const all = Array.from(letters.segment(text.slice(0, 8 * room)), ({ segment }) => segment);
  return all.length <= room ? text : `${all.slice(0, Math.max(0, room - 1)).join("")}…`;
}
