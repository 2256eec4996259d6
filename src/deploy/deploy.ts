/** `transship deploy`: an image to servers, where it proves itself before it gets the traffic, and after. */
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import { formatSubject } from "../image/subject.ts";
import type { Digest } from "../oci/digest.ts";
import { type Platform, samePlatform } from "../platform/platform.ts";
import type { SshTarget } from "../process/ssh.ts";
import { ship, type ShipOptions } from "../ship/ship.ts";
import type { ReleaseWishes } from "./make-release.ts";
import { type AppName, newReleaseId, type ReleaseId } from "./names.ts";
import { preflightDeploy } from "./preflight.ts";
import { type DeploySource, obtain, sourceName, sourcePlatforms, tryHere } from "./source.ts";
import { chooseStrategy, strategyBefore } from "./strategy.ts";
import { openSessions, type Session } from "./session.ts";
import { deployInWaves, type ServerDeploy } from "./waves.ts";

export type { ServerRelease } from "./conclude.ts";
export type { ServerDeploy } from "./waves.ts";

export interface DeployOptions {
  readonly app: AppName;
  readonly servers: readonly SshTarget[];
  readonly source: DeploySource;
  /** How it is shipped. */
  readonly shipping: Omit<ShipOptions, "subject" | "servers" | "dryRun">;
  /** Absent: by its time and digest. */
  readonly release?: ReleaseId;
  readonly wishes: ReleaseWishes;
  /** How many releases stay on a server, the one that serves among them. */
  readonly keep: number;
  /** How many servers are switched at once; after a wave in which one fails none is begun. */
  readonly parallel: number;
  /** What becomes of servers that have the release when another one fails. */
  readonly onFailure: "undo" | "leave";
  /** Whether somebody else's operation there is ended. */
  readonly isForced: boolean;
  /** Look at the servers and say what would be done. */
  readonly dryRun: boolean;
}

export interface DeployResult {
  readonly app: AppName;
  readonly subject: string;
  readonly release: ReleaseId | undefined;
  readonly digest: Digest | undefined;
  /** In the order of the servers. */
  readonly servers: readonly ServerDeploy[];
}

/** @throws DEPLOY_REFUSED, the errors of ship and of ssh, SERVER_… */
export async function deploy(options: DeployOptions, context: Context): Promise<DeployResult> {
  const { app, source } = options;
  const sessions = await openSessions(options, context);
  try {
    refuseUnfit(sessions, options, context);
    const untouched = sessions.map(({ server }): ServerDeploy => {
      return { kind: "untouched", server: server.name };
    });
    const { release, shipping, servers } = options;
    const planned = { app, subject: sourceName(source), release };
    if (options.dryRun) return { ...planned, digest: undefined, servers: untouched };
    const platforms = differentPlatforms(sessions.map(({ facts }) => facts.engine.platform));
    const subject = await obtain(source, platforms, context);
    const result = { app, subject: formatSubject(subject) };
    // The image goes while it is tried here; the switch waits for both.
    const { platform } = sessions[0]?.facts.engine ?? {};
    const [shipped] = await together(
      ship({ ...shipping, subject, servers }, context),
      platform === undefined ? undefined : tryHere(source, { subject, platform }, context),
    );
    const id = release ?? newReleaseId(new Date(), shipped.digest);
    const wishes = { ...options, id, isNamed: release !== undefined };
    const done = await deployInWaves(sessions, shipped.servers, wishes, context);
    return { ...result, release: id, digest: shipped.digest, servers: done };
  } finally {
    await Promise.all(sessions.map(async (session) => await session.close()));
  }
}

function differentPlatforms(platforms: readonly Platform[]): readonly Platform[] {
  return platforms.filter(
    (one, n) => platforms.findIndex((other) => samePlatform(one, other)) === n,
  );
}

/** Waits for both, whatever becomes of one: nothing of ours goes on unseen. */
async function together<One, Other>(
  one: Promise<One>,
  other: Promise<Other> | undefined,
): Promise<readonly [One, Other | undefined]> {
  await Promise.allSettled([one, other]);
  return await Promise.all([one, other]);
}

/** All that stands against it on all servers, before anything is sent to any. @throws DEPLOY_REFUSED, DEPLOY_LOCKED */
function refuseUnfit(
  sessions: readonly Session[],
  { app, release, wishes, isForced, source }: DeployOptions,
  { report }: Context,
): void {
  const refusals = sessions.flatMap(({ server, facts, app: known }) => {
    const platforms = sourcePlatforms(source);
    const { run } = wishes;
    const { strategy } = chooseStrategy(wishes, strategyBefore(known));
    const isSecure = wishes.certificate !== undefined;
    const needs = {
      app,
      release,
      run,
      strategy,
      isSecure,
      isForced,
      ...(platforms && { platforms }),
    };
    const { problems, warnings } = preflightDeploy(facts, known, needs, Date.now());
    for (const text of warnings) report({ kind: "warning", text: `${server.name}: ${text}` });
    if (problems.length === 0) return [];
    const { holder } = known;
    return holder !== undefined && !isForced && problems.length === 1
      ? [fail("DEPLOY_LOCKED", { target: server.name, app, holder })]
      : [fail("DEPLOY_REFUSED", { target: server.name, problems })];
  });
  const [first, ...others] = refusals;
  for (const { code, message } of others)
    report({ kind: "warning", text: `error[${code}]: ${message}` });
  if (first !== undefined) throw first;
}
