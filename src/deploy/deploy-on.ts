/** One server: the release is written down there, and the watchdog carries it out. */
import type { Context } from "../context.ts";
import { fail } from "../errors.ts";
import { ensureHelper } from "../server/helper-image.ts";
import { conclude, type ServerRelease } from "./conclude.ts";
import { environmentText } from "./environment.ts";
import { inspectImage } from "./inspect-image.ts";
import { makeRelease, type ReleaseWishes, type ShippedImage } from "./make-release.ts";
import type { AppName, ReleaseId } from "./names.ts";
import { operationOf, whoIAm } from "./operation.ts";
import { fingerprintOf, releaseFiles } from "./record.ts";
import { prepareProxy, type ProxyWishes } from "./proxy/prepare.ts";
import type { Release } from "./release.ts";
import { startOperation } from "./run-operation.ts";
import type { AppFacts } from "./facts.ts";
import type { Session } from "./session.ts";
import { chooseStrategy, proxyPlace, strategyBefore } from "./strategy.ts";

export interface ReleaseOptions {
  readonly app: AppName;
  readonly id: ReleaseId;
  /** Whether somebody chose that name: then it is a release of its own, whatever runs already. */
  readonly isNamed: boolean;
  readonly wishes: ReleaseWishes;
  readonly keep: number;
  readonly isForced: boolean;
  /** Whether the server's name stands before what is told. */
  readonly isOneOfMany: boolean;
}

/** @throws DEPLOY_FOREIGN, DEPLOY_LOCKED, DEPLOY_NO_PORT, ENVIRONMENT_INVALID, WATCHDOG_LOST, the errors of ssh, SERVER_… */
export async function deployOn(
  session: Session,
  image: ShippedImage,
  options: ReleaseOptions,
  context: Context,
): Promise<ServerRelease> {
  const { server, facts } = session;
  const { access } = facts;
  // Its bytes are proven to be what its label says, so `uname -m` in it would be another machine's.
  if (image.isEmulated) {
    const { machine } = facts;
    throw fail("DEPLOY_FOREIGN", {
      target: server.name,
      image: image.name,
      platform: image.platform,
      machine,
    });
  }
  const { app, id, wishes } = options;
  const environment = environmentText(wishes.run.environment, access);
  const config = await inspectImage(server, access, image.id);
  const { strategy, reason } = chooseStrategy(wishes, strategyBefore(session.app));
  if (reason !== undefined) {
    const text = `${server.name}: the old release is stopped before the new one serves, for ${reason}.`;
    context.report({ kind: "note", text });
  }
  const release = makeRelease({ app, id, strategy }, wishes, image, config);
  // The proxy may have to know of other hosts, or of a renewed certificate, though the release is the same.
  if (strategy === "proxy") await prepareProxy(session, proxyWishes(app, release, wishes), context);
  const fingerprint = fingerprintOf(release, environment);
  if (!options.isNamed && isRunning(session.app, { app, fingerprint })) return unchanged(session);
  const helper = await ensureHelper(server, facts);
  const making = { who: whoIAm(), now: new Date(), keep: options.keep };
  const files = releaseFiles(release, environment, making);
  const operation = operationOf("deploy", facts, options, { helper, runId: context.runId });
  await startOperation(server, operation, files);
  return await conclude(session, operation, options, context);
}

function proxyWishes(app: AppName, { gate }: Release, wishes: ReleaseWishes): ProxyWishes {
  const { hosts, drainSeconds, proxyImage: image, certificate, behindFront, run } = wishes;
  return {
    app,
    hosts,
    port: gate.health?.port ?? 0,
    drainSeconds,
    publish: proxyPlace(run.publish),
    ...(image === undefined ? {} : { image }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(behindFront === undefined ? {} : { behindFront }),
  };
}

/** Whether that very container serves already: of the same image, made and judged alike. */
function isRunning(
  { record, containers, state }: AppFacts,
  { app, fingerprint }: { readonly app: AppName; readonly fingerprint: string },
): boolean {
  const container = containers.find(({ name }) => name === `${app}-${record?.release ?? ""}`);
  const isSettled = state?.phase === "done" && container?.state === "running";
  return isSettled && record?.fingerprint === fingerprint;
}

function unchanged({ server, app: { record } }: Session): ServerRelease {
  const release = record?.release ?? "";
  const none = { gapMs: undefined, backMs: undefined, checks: [], durationMs: 0 };
  return {
    server: server.name,
    target: server.target,
    outcome: "unchanged",
    release,
    previous: release,
    serving: release,
    ...none,
  };
}
