/** A server for the time of one verb: its connection, what it says of itself, and what it knows of the app. */
import type { Context } from "../context.ts";
import { isFailure } from "../errors.ts";
import { openRemoteShell } from "../process/remote-shell.ts";
import type { SshTarget } from "../process/ssh.ts";
import { explainDenied } from "../process/ssh-identity.ts";
import type { ServerFacts } from "../server/facts.ts";
import { askFacts, serverAt, type Server, serverEngineError } from "../server/server.ts";
import { type AppFacts, appFactsScript, readAppFacts } from "./facts.ts";
import type { AppName } from "./names.ts";
import { readPiece } from "./watchdog.ts";

export interface Session {
  readonly server: Server;
  readonly facts: ServerFacts;
  readonly app: AppFacts;
  close(): Promise<void>;
}

const factsDeadlineMs = 60_000;

/** @throws the errors of ssh, SERVER_… */
export async function openSession(
  target: SshTarget,
  app: AppName,
  { signal, env, runner }: Pick<Context, "signal" | "env" | "runner">,
): Promise<Session> {
  const shell = openRemoteShell(target, { signal, env: { ...env } });
  const server = serverAt(target, shell);
  try {
    // Of no image: what it lacks is asked when one is shipped.
    const choice = { name: `transship/${app}`, patterns: [`transship/release/${app}`] };
    const facts = await askFacts(server, { choice });
    const known = await askApp(server, facts, app);
    return { server, facts, app: known, close: async () => await shell.close() };
  } catch (error) {
    await shell.close();
    throw isFailure(error, "SSH_DENIED") ? await explainDenied(error, target, runner) : error;
  }
}

/** To all of them, or to none. @throws the errors of ssh, SERVER_… */
export async function openSessions(
  { servers, app }: { readonly servers: readonly SshTarget[]; readonly app: AppName },
  context: Context,
): Promise<readonly Session[]> {
  const opening = servers.map(async (target) => await openSession(target, app, context));
  const ended = await Promise.allSettled(opening);
  const open = ended.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  if (open.length === servers.length) return open;
  await Promise.all(open.map(async (session) => await session.close()));
  return await Promise.all(opening);
}

/** @throws the errors of ssh, SERVER_… */
export async function askApp(
  { shell, name }: Server,
  { access }: Pick<ServerFacts, "access">,
  app: AppName,
): Promise<AppFacts> {
  const pieces = (await Promise.all([readPiece("process"), readPiece("lock")])).join("\n");
  const options = { deadlineMs: factsDeadlineMs, what: `Asking ${name} about ${app}` };
  const ran = await shell.run(appFactsScript({ app, access }, pieces), options);
  if (ran.exitCode === 0) return readAppFacts(ran.stdout);
  throw serverEngineError(name, { exitCode: ran.exitCode, words: ran.stderr });
}
