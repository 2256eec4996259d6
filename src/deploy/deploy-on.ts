/** One server: the release is written down there, and the watchdog carries it out. */
import type { Context } from "../context.ts";
import { isFailure } from "../errors.ts";
import { ensureHelper } from "../server/helper-image.ts";
import { checksOf, type GateCheck } from "./checks.ts";
import { environmentText } from "./environment.ts";
import type { Verdict } from "./event.ts";
import { inspectImage } from "./inspect-image.ts";
import { makeRelease, type ReleaseWishes, type ShippedImage, whoIAm } from "./make-release.ts";
import type { AppName, ReleaseId } from "./names.ts";
import type { Operation } from "./operation.ts";
import { releaseFiles } from "./record.ts";
import type { Release } from "./release.ts";
import { followOperation, type OperationEnd, startOperation, tellEvent } from "./run-operation.ts";
import { askApp, type Session } from "./session.ts";

export interface ServerRelease {
  /** As it is typed behind `ssh`. */
  readonly server: string;
  readonly outcome: "deployed" | "rolled-back" | "failed" | "rollback-failed" | "unchanged";
  readonly release: ReleaseId;
  /** The one that served before. */
  readonly previous: string | undefined;
  /** The one that serves now. */
  readonly serving: string | undefined;
  /** Why it did not stay; absent where it did. */
  readonly reason?: string;
  /** Milliseconds at the switch in which nobody answered. */
  readonly gapMs: number | undefined;
  /** From the first bad answer of the watch to the old release's first good one. */
  readonly backMs: number | undefined;
  readonly checks: readonly GateCheck[];
  /** From the start on the server to the verdict. */
  readonly durationMs: number;
}

export interface ReleaseOptions {
  readonly app: AppName;
  readonly id: ReleaseId;
  readonly wishes: ReleaseWishes;
  readonly keep: number;
  readonly isForced: boolean;
  /** Whether the server's name stands before what is told. */
  readonly isOneOfMany: boolean;
}

/** @throws DEPLOY_LOCKED, DEPLOY_NO_PORT, ENVIRONMENT_INVALID, WATCHDOG_LOST, the errors of ssh, SERVER_… */
export async function deployOn(
  session: Session,
  image: ShippedImage,
  options: ReleaseOptions,
  context: Context,
): Promise<ServerRelease> {
  const { server, facts } = session;
  const { access } = facts;
  const { app, id, wishes } = options;
  const environment = environmentText(wishes.run.environment, access);
  const config = await inspectImage(server, access, image.id);
  const release = makeRelease({ app, id }, wishes, image, config);
  const helper = await ensureHelper(server, facts);
  const who = whoIAm();
  const files = releaseFiles(release, environment, { who, now: new Date() });
  const operation = operationOf("deploy", session, {
    ...options,
    helper,
    who,
    runId: context.runId,
  });
  await startOperation(server, operation, files);
  return await conclude(session, operation, { ...options, release }, context);
}

export function operationOf(
  verb: Operation["verb"],
  { facts }: Session,
  wishes: Pick<Operation, "helper" | "who" | "app" | "keep" | "isForced"> & {
    readonly id?: ReleaseId;
    readonly runId: string;
  },
): Operation {
  const { helper, who, app, keep, isForced, id: release, runId } = wishes;
  const { access, machine } = facts;
  const id = `${verb}-${runId}`;
  const named = release === undefined ? {} : { release };
  return { id, app, verb, access, who, helper, machine, keep, isForced, ...named };
}

export interface Concluding {
  readonly release: Pick<Release, "app" | "id" | "gate" | "bakeSeconds" | "beforeSwitch">;
  readonly isOneOfMany: boolean;
}

/** Follows to the verdict; where the watchdog was killed, another finishes what it began. */
export async function conclude(
  session: Session,
  operation: Operation,
  { release, isOneOfMany }: Concluding,
  context: Context,
): Promise<ServerRelease> {
  const started = performance.now();
  const { server } = session;
  const place = isOneOfMany ? `${server.name}: ` : "";
  const follow = async (id: string) =>
    await followOperation(server, {
      app: release.app,
      operation: id,
      deadlineMs: deadlineOf(release),
      onEvent: (event) => tellEvent(event, place, context),
    });
  let end: OperationEnd;
  try {
    end = await follow(operation.id);
  } catch (error) {
    if (!isFailure(error, "WATCHDOG_LOST")) throw error;
    context.report({ kind: "warning", text: `${place}${error.message} Another finishes it.` });
    const { release: _release, ...rest } = operation;
    const recovery: Operation = { ...rest, verb: "recover", id: `recover-${context.runId}` };
    await startOperation(server, recovery, undefined);
    end = await follow(recovery.id);
  }
  const { state } = await askApp(server, session.facts, release.app);
  const verdict: Verdict = end.verdict ?? state?.verdict ?? "failed";
  return {
    server: server.name,
    outcome: verdict,
    release: release.id,
    previous: nonEmpty(state?.previous),
    serving: nonEmpty(state?.serving),
    ...(end.reason === "" ? {} : { reason: end.reason }),
    gapMs: state?.gapMs ?? end.gapMs,
    backMs: state?.backMs,
    checks: checksOf(end.events, release.gate, end),
    durationMs: Math.round(performance.now() - started),
  };
}

/** All waits of a watchdog, and as much again for docker's own commands. */
function deadlineOf({ gate, bakeSeconds, beforeSwitch }: Concluding["release"]): number {
  const seconds = 3 * gate.startSeconds + bakeSeconds + (beforeSwitch?.seconds ?? 0);
  return (seconds + 900) * 1_000;
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
