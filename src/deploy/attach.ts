/** `transship deploy --attach`: follow what goes on there, or finish what nobody does any more. */
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import type { SshTarget } from "../process/ssh.ts";
import { ensureHelper } from "../server/helper-image.ts";
import { conclude, type ServerRelease } from "./conclude.ts";
import type { AppName } from "./names.ts";
import { operationOf } from "./operation.ts";
import { usualKeep } from "./record.ts";
import { startOperation } from "./run-operation.ts";
import { openSession } from "./session.ts";

export interface AttachOptions {
  readonly app: AppName;
  readonly server: SshTarget;
  /** Absent: as the deploy of the release that serves has it. */
  readonly keep?: number;
}

/** Where the last operation has its verdict, that is told again. @throws APP_UNKNOWN, the errors of ssh, SERVER_… */
export async function attach(options: AttachOptions, context: Context): Promise<ServerRelease> {
  const { app, server: target } = options;
  const session = await openSession(target, app, context);
  try {
    const { server, facts } = session;
    const { state, isAlive, record } = session.app;
    if (state === undefined) throw fail("APP_UNKNOWN", { app, target: server.name });
    const helper = await ensureHelper(server, facts);
    const isOver = state.phase === "done" || isAlive;
    const keep = options.keep ?? record?.keep ?? usualKeep;
    const wishes = { app, keep, isForced: false };
    const operation = operationOf(isOver ? "deploy" : "recover", facts, wishes, {
      helper,
      runId: context.runId,
    });
    const followed = isOver ? { ...operation, id: state.operation } : operation;
    if (!isOver) await startOperation(server, operation, undefined);
    return await conclude(session, followed, { isOneOfMany: false }, context);
  } finally {
    await session.close();
  }
}
