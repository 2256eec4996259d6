/** What a verb says on standard error while it works. */
import { formatCommand } from "../process/command.ts";
import type { Report, ReportEvent } from "../process/report.ts";
import { createTaskLines, type TaskEvent } from "../process/task.ts";
import type { Live } from "./live.ts";
import { printable } from "./printable.ts";
import type { Style } from "./style.ts";

export interface TalkOptions {
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** How the parts of long work are shown; lines are the default. */
  readonly tasks?: "live" | "lines" | "none";
  readonly style?: Style;
}

export interface Talk {
  readonly report: Report;
  /** Ends what is drawn again and again. What is reported afterwards is written as it comes. */
  close(): void;
}

/** Turns events into lines of a stream: commands ready to paste, steps, warnings, tasks. */
export async function createTalk(stream: NodeJS.WriteStream, options: TalkOptions): Promise<Talk> {
  const taskLines = createTaskLines();
  const live = await liveOf(stream, options);
  let isLive = live !== undefined;
  const write = (line: string) => {
    if (isLive) live?.write(line);
    else stream.write(`${line}\n`);
  };
  const showTask = (event: TaskEvent) => {
    if (options.quiet || options.tasks === "none") return;
    if (isLive) live?.task(event);
    else taskLines(event).forEach(write);
  };
  return {
    report(event) {
      if (isTaskEvent(event)) return showTask(event);
      const line = talkLine(event, options);
      if (line !== undefined) write(line);
    },
    close() {
      isLive = false;
      live?.close();
    },
  };
}

function isTaskEvent(event: ReportEvent): event is TaskEvent {
  return event.kind === "tasks" || event.kind === "task" || event.kind === "task-output";
}

async function liveOf(
  stream: NodeJS.WriteStream,
  { tasks, quiet, style }: TalkOptions,
): Promise<Live | undefined> {
  if (tasks !== "live" || quiet) return undefined;
  const [{ startLive }, { plain }] = await Promise.all([import("./live.ts"), import("./style.ts")]);
  return startLive(stream, style ?? plain);
}

/** The line for an event, or `undefined` where the options keep it silent. */
export function talkLine(
  event: Exclude<ReportEvent, TaskEvent>,
  { quiet, verbose }: Pick<TalkOptions, "quiet" | "verbose">,
): string | undefined {
  switch (event.kind) {
    case "warning":
      return `warning: ${printable(event.text)}`;
    case "detail":
      return verbose ? event.text : undefined;
    case "command":
      return quiet ? undefined : `$ ${formatCommand(event.argv)}`;
    case "step":
      return quiet ? undefined : `• ${event.title}: ${event.reason}`;
    case "note":
      return quiet ? undefined : printable(event.text);
    case "output":
      return quiet ? undefined : event.line;
  }
}
