/** `transship exec`: a command in the release that serves. */
import type { Context } from "../context.ts";
import { shellLine } from "../process/command.ts";
import type { SshTarget } from "../process/ssh.ts";
import { searchPath } from "../server/docker-access.ts";
import { containerOf } from "./logs.ts";
import type { AppName, ReleaseId } from "./names.ts";
import { openSessions } from "./session.ts";

export interface ExecuteOptions {
  readonly app: AppName;
  readonly servers: readonly SshTarget[];
  /** Absent: the one that serves. */
  readonly release?: ReleaseId;
  readonly command: readonly string[];
  /** Milliseconds that it may take. */
  readonly deadlineMs: number;
  /** Each line of its standard output as it comes. */
  readonly onLine: (server: string, line: string) => void;
}

export interface Executed {
  readonly server: string;
  readonly container: string;
  /** The command's, or docker's: 125 to 127 (docker run(1)). */
  readonly exitCode: number;
  /** At most 4 MiB each. */
  readonly stdout: string;
  readonly stderr: string;
}

/** On all servers at once. @throws RELEASE_UNKNOWN, APP_UNKNOWN, DEADLINE_PASSED, the errors of ssh, SERVER_… */
export async function execute(
  options: ExecuteOptions,
  context: Context,
): Promise<readonly Executed[]> {
  const sessions = await openSessions(options, context);
  try {
    const named = sessions.map((session) => ({
      session,
      container: containerOf(session, options),
    }));
    return await Promise.all(
      named.map(async ({ session: { server, facts }, container }) => {
        const words = shellLine([container, ...options.command]);
        const ran = await server.shell.run(`${searchPath}\n${facts.access} exec ${words}`, {
          deadlineMs: options.deadlineMs,
          what: `The command on ${server.name}`,
          isWatched: true,
          onLine: (line) => options.onLine(server.name, line),
        });
        const { exitCode, stdout, stderr } = ran;
        return { server: server.name, container, exitCode, stdout, stderr };
      }),
    );
  } finally {
    await Promise.all(sessions.map(async (session) => await session.close()));
  }
}
