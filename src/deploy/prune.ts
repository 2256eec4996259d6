/** `transship prune` and `transship remove`: releases that are not to be kept go, or all of an app does. */
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import { quote } from "../process/command.ts";
import type { SshTarget } from "../process/ssh.ts";
import { type DockerAccess, searchPath } from "../server/docker-access.ts";
import { serverEngineError } from "../server/server.ts";
import { appLabel } from "./create.ts";
import { type AppName, networkOf } from "./names.ts";
import { whoIAm } from "./operation.ts";
import { placeWords } from "./place.ts";
import { leaveProxy } from "./proxy/leave.ts";
import { usualKeep } from "./record.ts";
import { openSessions, type Session } from "./session.ts";
import { readPiece } from "./watchdog.ts";

export interface PruneOptions {
  readonly app: AppName;
  readonly servers: readonly SshTarget[];
  /** How many releases stay, the one that serves among them; 0: the app goes with all that it has. Absent: as many as its deploys keep. */
  readonly keep?: number;
  readonly dryRun: boolean;
}

export interface Pruned {
  readonly server: string;
  readonly releases: readonly string[];
  readonly containers: readonly string[];
}

const deadlineMs = 300_000;

/**
 * Nothing goes while somebody is at work there.
 * @throws APP_UNKNOWN, DEPLOY_LOCKED, the errors of ssh, SERVER_…
 */
export async function prune(options: PruneOptions, context: Context): Promise<readonly Pruned[]> {
  const sessions = await openSessions(options, context);
  try {
    const plans = sessions.map((session) => ({ session, plan: planPrune(session, options) }));
    const { app, keep, dryRun } = options;
    return await Promise.all(
      plans.map(async ({ session, plan }) => {
        if (dryRun) return plan;
        const { server, facts } = session;
        if (keep === 0) await leaveProxy(session, app);
        const pieces = await Promise.all([readPiece("process"), readPiece("lock")]);
        const script =
          keep === 0
            ? removeScript(app, facts.access, pieces.join("\n"))
            : pruneScript({ app, ...plan }, session, pieces.join("\n"));
        const what = `Removing what ${app} has on ${server.name}`;
        const { exitCode, stderr, stdout } = await server.shell.run(script, { deadlineMs, what });
        if (exitCode === lockTaken)
          throw fail("DEPLOY_LOCKED", { target: server.name, app, holder: stdout.trim() });
        if (exitCode !== 0) throw serverEngineError(server.name, { exitCode, words: stderr });
        return plan;
      }),
    );
  } finally {
    await Promise.all(sessions.map(async (session) => await session.close()));
  }
}

/** As `lock.sh` has it. */
const lockTaken = 75;

/** Releases that are not kept, and containers of none that is. */
export function planPrune(
  { server: { name }, app: known }: Session,
  { app, keep }: PruneOptions,
): Pruned {
  const { place, holder, history, state, containers } = known;
  if (place === undefined && containers.length === 0)
    throw fail("APP_UNKNOWN", { app, target: name });
  if (holder !== undefined) throw fail("DEPLOY_LOCKED", { target: name, app, holder });
  const most = keep ?? known.record?.keep ?? usualKeep;
  // Which release is to serve is not decided yet.
  if (most > 0 && state !== undefined && state.phase !== "done")
    throw fail("DEPLOY_LOCKED", { target: name, app, holder: "a deploy that was broken off" });
  const serving = state?.serving ?? "";
  const kept = new Set<string>(most === 0 ? [] : [...history.slice(-most), serving]);
  const isKept = (container: string) => [...kept].some((id) => container === `${app}-${id}`);
  return {
    server: name,
    releases: history.filter((id) => !kept.has(id)),
    containers: containers.map((one) => one.name).filter((container) => !isKept(container)),
  };
}

function underLock(app: AppName, pieces: string, work: string): string {
  return `${searchPath}
umask 077
${pieces}
${placeWords(app)}
mkdir -p "$place" || exit
take_lock ${quote(whoIAm())} || exit
${work}
free_lock`;
}

function pruneScript(
  { app, releases, containers }: Pruned & { readonly app: AppName },
  { facts: { access }, app: { state } }: Session,
  pieces: string,
): string {
  const serving = state?.serving ?? "";
  const lines = [
    // What was looked at may be another's work by now.
    `test "$(sed -n 's/^serving=//p' "$place/state" 2>/dev/null)" = ${quote(serving)} || { echo "another release serves by now"; free_lock; exit ${lockTaken}; }`,
    ...containers.map((name) => `${access} rm --force ${quote(name)} >/dev/null || failed=1`),
    ...releases.flatMap((id) => [
      `${access} image rm ${quote(`transship/release/${app}:${id}`)} >/dev/null 2>&1`,
      `rm -rf "$place/releases/${id}"`,
      `grep -vxF -- ${quote(id)} "$place/history" > "$place/history.$$"; mv -f "$place/history.$$" "$place/history"`,
    ]),
  ];
  return `${underLock(app, pieces, lines.join("\n"))}\ntest -z "$failed"`;
}

function removeScript(app: AppName, access: DockerAccess, pieces: string): string {
  const names = `${access} image ls --format '{{.Repository}}:{{.Tag}}' --filter ${quote(`reference=transship/release/${app}`)}`;
  return underLock(
    app,
    pieces,
    `containers=$(${access} ps --all --quiet --filter ${quote(`label=${appLabel}=${app}`)}) || exit
test -z "$containers" || ${access} rm --force $containers >/dev/null || exit
images=$(${names})
test -z "$images" || ${access} image rm $images >/dev/null 2>&1
${access} network rm ${quote(networkOf(app))} >/dev/null 2>&1
rm -rf "$place"`,
  );
}
