/** What a verb says on standard error while it works. */
import { formatCommand } from "../process/command.ts";
import type { Report, ReportEvent } from "../process/report.ts";

export interface TalkOptions {
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Turns events into lines of a stream: commands ready to paste, steps, warnings. */
export function createTalk(
  stream: { write(text: string): unknown },
  options: TalkOptions,
): { readonly report: Report } {
  return {
    report(event) {
      const line = talkLine(event, options);
      if (line !== undefined) stream.write(`${line}\n`);
    },
  };
}

/** The line for an event, or `undefined` where the options keep it silent. */
export function talkLine(event: ReportEvent, { quiet, verbose }: TalkOptions): string | undefined {
  switch (event.kind) {
    case "warning":
      return `warning: ${event.text}`;
    case "detail":
      return verbose ? event.text : undefined;
    case "command":
      return quiet ? undefined : `$ ${formatCommand(event.argv)}`;
    case "step":
      return quiet ? undefined : `• ${event.title}: ${event.reason}`;
    case "note":
      return quiet ? undefined : event.text;
    case "output":
      return quiet ? undefined : event.line;
  }
}
