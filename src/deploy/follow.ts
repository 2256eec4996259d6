/** An operation followed to its verdict, over as many connections and watchdogs as that takes. */
import type { Context } from "../context.ts";
import { fail, isFailure, type TransshipError } from "../errors.ts";
import { serverFlagsText } from "../process/ssh-target.ts";
import { pauseFor } from "../process/wait.ts";
import type { Server } from "../server/server.ts";
import type { Event } from "./event.ts";
import type { Operation } from "./operation.ts";
import { followOperation, type OperationEnd, startOperation, tellEvent } from "./run-operation.ts";
import { openSession, type Session } from "./session.ts";

export interface Followed extends OperationEnd {
  readonly events: readonly Event[];
  /** The connection that was open at the end. */
  readonly session: Session;
}

/** Nobody waits so long: the watchdog has deadlines of its own for all that it waits for. */
const followDeadlineMs = 24 * 3_600_000;
const mostConnections = 5;
const reconnectPauseMs = 2_000;

/**
 * Where the connection breaks off it is made again, for the deploy goes on meanwhile; where the watchdog was killed, another finishes
 * what it began. Connections that it made and left are closed; the last one is whoever's called it.
 * @throws DEPLOY_LOCKED, WATCHDOG_LOST, DEPLOY_INTERRUPTED, DEPLOY_TERMINATED, the errors of ssh
 */
export async function follow(
  first: Session,
  operation: Operation,
  options: { readonly isOneOfMany: boolean },
  context: Context,
): Promise<Followed> {
  try {
    return await followToEnd(first, operation, options, context);
  } catch (error) {
    throw detached(error, first.server, operation) ?? error;
  }
}

/** Nothing of it ends there because nobody follows any more. `undefined` for any other error. */
export function detached(
  error: unknown,
  { name: target, target: place }: Pick<Server, "name" | "target">,
  { app }: Pick<Operation, "app">,
): TransshipError | undefined {
  if (!isFailure(error, "INTERRUPTED", "TERMINATED")) return undefined;
  const { signal = "" } = error.facts;
  const facts = { signal: [signal].join(""), app, target, server: serverFlagsText(place) };
  const isInterrupted = error.code === "INTERRUPTED";
  return fail(isInterrupted ? "DEPLOY_INTERRUPTED" : "DEPLOY_TERMINATED", facts, { cause: error });
}

async function followToEnd(
  first: Session,
  operation: Operation,
  { isOneOfMany }: { readonly isOneOfMany: boolean },
  context: Context,
): Promise<Followed> {
  const place = isOneOfMany ? `${first.server.name}: ` : "";
  const warn = (text: string) => context.report({ kind: "warning", text: `${place}${text}` });
  const all: Event[] = [];
  let [session, current, heard]: [Session, Operation, Event[]] = [first, operation, []];
  for (let connections = 1; ;) {
    try {
      const end = await followOperation(session.server, {
        app: operation.app,
        operation: current.id,
        deadlineMs: followDeadlineMs,
        events: heard,
        onEvent: (event) => tellEvent(event, place, context),
      });
      return { ...end, events: [...all, ...heard], session };
    } catch (error) {
      if (isFailure(error, "WATCHDOG_LOST") && current === operation) {
        warn(`${error.message} Another finishes it.`);
        current = recoveryOf(operation, context.runId);
        all.push(...heard.splice(0));
        await startOperation(session.server, current, undefined);
        continue;
      }
      const isLost = isFailure(error, "SSH_LOST") && connections < mostConnections;
      if (!isLost || context.signal.aborted) throw error;
      warn(`${error.message} The deploy goes on there; connecting again.`);
      connections += 1;
      if (session !== first) await session.close();
      session = await reconnect(first, operation, context);
    }
  }
}

/** Of that very release: where nothing of it was begun the verdict of the one before is none of it. */
function recoveryOf(operation: Operation, runId: string): Operation {
  return { ...operation, verb: "recover", id: `recover-${runId}`, isForced: false };
}

/** A server that starts anew takes its time. */
async function reconnect(
  { server: { target } }: Session,
  { app }: Operation,
  context: Context,
): Promise<Session> {
  for (let tries = 1; ; tries += 1) {
    await pauseFor(reconnectPauseMs, context.signal);
    try {
      return await openSession(target, app, context);
    } catch (error) {
      const isAway = isFailure(error, "SSH_UNREACHABLE", "SSH_LOST", "SERVER_ENGINE_DOWN");
      if (!isAway || tries === 30) throw error;
    }
  }
}
