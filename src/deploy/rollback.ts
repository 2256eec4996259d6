/** `transship rollback`: back to a release that is kept, by its own configuration and not by today's. */
import type { Context } from "../context.ts";
import { fail, isFailure, type TransshipError } from "../errors.ts";
import type { SshTarget } from "../process/ssh.ts";
import { ensureHelper } from "../server/helper-image.ts";
import { conclude, type ServerRelease } from "./conclude.ts";
import type { AppName, ReleaseId } from "./names.ts";
import { operationOf } from "./operation.ts";
import { usualKeep } from "./record.ts";
import { startOperation } from "./run-operation.ts";
import { openSessions, type Session } from "./session.ts";

export interface RollbackOptions {
  readonly app: AppName;
  readonly servers: readonly SshTarget[];
  /** Absent: the one that served before. */
  readonly release?: ReleaseId;
  /** Absent: as the deploy of the release that serves has it. */
  readonly keep?: number;
  readonly isForced: boolean;
}

type ServerRollback =
  | ({ readonly kind: "done" } & ServerRelease)
  | { readonly kind: "failed"; readonly server: string; readonly error: TransshipError };

export interface RollbackResult {
  readonly app: AppName;
  readonly servers: readonly ServerRollback[];
}

/** All servers are asked first; then they go back one after the other, each whatever came of the others. */
export async function rollback(
  options: RollbackOptions,
  context: Context,
): Promise<RollbackResult> {
  const { app, servers } = options;
  const sessions = await openSessions(options, context);
  try {
    const targets = sessions.map((session) => targetOf(session, options));
    const done: ServerRollback[] = [];
    for (const [n, session] of sessions.entries()) {
      const id = targets[n];
      if (id === undefined) continue;
      const keep = options.keep ?? session.app.record?.keep ?? usualKeep;
      const wishes = { ...options, id, keep, isOneOfMany: servers.length > 1 };
      done.push(await attempt(session, wishes, context));
    }
    return { app, servers: done };
  } finally {
    await Promise.all(sessions.map(async (session) => await session.close()));
  }
}

/** @throws APP_UNKNOWN, RELEASE_UNKNOWN, DEPLOY_LOCKED */
function targetOf(
  { server: { name: target }, app: { history, state, place, holder } }: Session,
  { app, release, isForced }: RollbackOptions,
): ReleaseId {
  if (place === undefined) throw fail("APP_UNKNOWN", { app, target });
  if (holder !== undefined && !isForced) throw fail("DEPLOY_LOCKED", { target, app, holder });
  const serving = state?.serving ?? "";
  const others = history.filter((id) => id !== serving);
  const found = release === undefined ? others.at(-1) : history.find((id) => id === release);
  if (found !== undefined && found !== serving) return found;
  const wanted = release ?? "before the one that serves";
  throw fail("RELEASE_UNKNOWN", { release: wanted, app, target, known: others });
}

interface ServerWishes extends Pick<RollbackOptions, "app" | "isForced"> {
  readonly keep: number;
  readonly id: ReleaseId;
  readonly isOneOfMany: boolean;
}

async function attempt(
  session: Session,
  options: ServerWishes,
  context: Context,
): Promise<ServerRollback> {
  try {
    return { kind: "done", ...(await rollbackOn(session, options, context)) };
  } catch (error) {
    if (context.signal.aborted || !isFailure(error) || !options.isOneOfMany) throw error;
    return { kind: "failed", server: session.server.name, error };
  }
}

/** @throws DEPLOY_LOCKED, WATCHDOG_LOST, the errors of ssh, SERVER_… */
export async function rollbackOn(
  session: Session,
  options: ServerWishes,
  context: Context,
): Promise<ServerRelease> {
  const { server, facts } = session;
  const helper = await ensureHelper(server, facts);
  const operation = operationOf("rollback", facts, options, { helper, runId: context.runId });
  await startOperation(server, operation, undefined);
  return await conclude(session, operation, options, context);
}
