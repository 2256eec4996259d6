/** `transship logs`: what a release says, of several servers at once. */
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import { shellLine } from "../process/command.ts";
import type { SshTarget } from "../process/ssh.ts";
import { searchPath } from "../server/docker-access.ts";
import { serverEngineError } from "../server/server.ts";
import type { AppName, ReleaseId } from "./names.ts";
import { openSessions, type Session } from "./session.ts";

export interface LogsOptions {
  readonly app: AppName;
  readonly servers: readonly SshTarget[];
  /** Absent: the one that serves. */
  readonly release?: ReleaseId;
  /** Go on until the signal comes, or the container ends. */
  readonly isFollowed: boolean;
  /** Lines from the end; absent: all. */
  readonly tail?: number;
  /** As `docker logs --since` takes it: `10m`, a time. */
  readonly since?: string;
  /** Each line as it comes. */
  readonly onLine: (server: string, line: string) => void;
}

const followDeadlineMs = 30 * 24 * 3_600_000;
const readDeadlineMs = 300_000;

/** @throws RELEASE_UNKNOWN, APP_UNKNOWN, the errors of ssh, SERVER_… */
export async function logs(options: LogsOptions, context: Context): Promise<void> {
  const sessions = await openSessions(options, context);
  try {
    const named = sessions.map((session) => ({
      session,
      container: containerOf(session, options),
    }));
    await Promise.all(
      named.map(async ({ session, container }) => await read(session, container, options)),
    );
  } finally {
    await Promise.all(sessions.map(async (session) => await session.close()));
  }
}

/** The container of a release that is kept there. @throws RELEASE_UNKNOWN, APP_UNKNOWN */
export function containerOf(
  { server: { name: target }, app: { state, containers, history, place } }: Session,
  { app, release }: { readonly app: AppName; readonly release?: ReleaseId },
): string {
  if (place === undefined) throw fail("APP_UNKNOWN", { app, target });
  const id = release ?? state?.serving ?? "";
  const container = `${app}-${id}`;
  if (containers.some(({ name }) => name === container)) return container;
  throw fail("RELEASE_UNKNOWN", { release: id || "that serves", app, target, known: history });
}

async function read(
  { server: { shell, name }, facts: { access } }: Session,
  container: string,
  { isFollowed, tail, since, onLine }: LogsOptions,
): Promise<void> {
  const words = shellLine([
    ...(isFollowed ? ["--follow"] : []),
    ...(tail === undefined ? [] : ["--tail", String(tail)]),
    ...(since === undefined ? [] : ["--since", since]),
    container,
  ]);
  const { exitCode, stdout } = await shell.run(`${searchPath}\n${access} logs ${words} 2>&1`, {
    deadlineMs: isFollowed ? followDeadlineMs : readDeadlineMs,
    what: `Reading what ${container} says on ${name}`,
    isWatched: isFollowed,
    onLine: (line) => onLine(name, line),
  });
  if (exitCode !== 0) throw serverEngineError(name, { exitCode, words: stdout });
}
