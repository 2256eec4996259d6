/** An operation on a server from its start to its verdict, which is reached there whether we follow it or not. */
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import type { Server } from "../server/server.ts";
import { type Event, parseEvent, type Verdict } from "./event.ts";
import type { AppName } from "./names.ts";
import { followScript, type Operation, type ReleaseFiles, startScript } from "./operation.ts";
import { readPiece, watchdogProgram } from "./watchdog.ts";

export interface OperationEnd {
  /** `undefined` where there was nothing to decide. */
  readonly verdict: Verdict | undefined;
  readonly reason: string;
  readonly gapMs: number | undefined;
}

const startDeadlineMs = 60_000;

export interface FollowWishes {
  readonly app: AppName;
  readonly operation: string;
  /** Milliseconds that it may take at most. */
  readonly deadlineMs: number;
  /** Those of it that were heard before; whatever comes is added. */
  readonly events: Event[];
  readonly onEvent: (event: Event) => void;
}

/** @throws the errors of ssh, WATCHDOG_LOST where it could not be started */
export async function startOperation(
  { shell, name }: Server,
  operation: Operation,
  files: ReleaseFiles | undefined,
): Promise<void> {
  const script = startScript(operation, await watchdogProgram(), files);
  const what = `Starting the deploy of ${operation.app} on ${name}`;
  const ran = await shell.run(script, { deadlineMs: startDeadlineMs, what });
  if (ran.exitCode === 0) return;
  const reason = lastLine(ran.stderr) || `exit code ${ran.exitCode}`;
  throw fail("WATCHDOG_LOST", { target: name, reason });
}

/**
 * Follows until there is a verdict.
 * @throws DEPLOY_LOCKED, WATCHDOG_LOST, the errors of ssh
 */
export async function followOperation(
  { shell, name }: Server,
  { app, operation, deadlineMs, events, onEvent }: FollowWishes,
): Promise<OperationEnd> {
  const script = followScript(
    { app, id: operation, skip: events.length },
    await readPiece("process"),
  );
  const ran = await shell.run(script, {
    deadlineMs,
    what: `The deploy of ${app} on ${name}`,
    isWatched: true,
    onLine(line) {
      const event = parseEvent(line);
      if (event === undefined) return;
      events.push(event);
      onEvent(event);
    },
  });
  const last = events.at(-1);
  if (last?.kind === "locked")
    throw fail("DEPLOY_LOCKED", { target: name, app, holder: last.text });
  const verdict = events.findLast((event) => event.kind === "verdict");
  if (verdict === undefined) {
    const reason = lastLine(ran.stderr) || "it was killed, or the server started anew";
    throw fail("WATCHDOG_LOST", { target: name, reason });
  }
  const switched = events.findLast((event) => event.kind === "switched");
  return { verdict: verdict.verdict, reason: verdict.reason, gapMs: switched?.gapMs };
}

/** Tells of an event as people follow it. */
export function tellEvent(event: Event, place: string, { report }: Pick<Context, "report">): void {
  const text = eventText(event);
  if (text === undefined) return;
  const line = `${place}${text}`;
  if (event.kind === "lock" || event.kind === "orphan") report({ kind: "warning", text: line });
  else report({ kind: "note", text: line });
}

function eventText(event: Event): string | undefined {
  switch (event.kind) {
    case "phase":
      return phaseText(event.phase, event.detail);
    case "switched":
      return event.gapMs === undefined
        ? "It has the traffic."
        : `It has the traffic; for ${event.gapMs} ms nobody answered.`;
    case "check":
      return `${event.id}: ${event.detail}`;
    case "lock":
      return `The lock: ${event.text}`;
    case "waiting":
      return `Waiting ${event.text}.`;
    case "engine":
      return event.text === "away"
        ? "The engine does not answer; waiting for it."
        : "The engine is back.";
    case "orphan":
      return `An earlier deploy was left without a verdict: ${event.text}`;
    case "log":
      return `| ${event.text}`;
    case "locked":
    case "verdict":
      return undefined;
  }
}

function phaseText(phase: string, detail: string): string | undefined {
  switch (phase) {
    case "gating":
      return "The candidate starts.";
    case "hook":
      return "Running the hook before the switch.";
    case "switching":
      return detail === "" ? "Giving it the traffic." : `Switching from ${detail}.`;
    case "baking":
      return `Watching it for ${detail} s.`;
    case "undoing":
      return `Going back: ${detail}`;
    default:
      return undefined;
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
