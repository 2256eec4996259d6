/** One server: the release is written down there, and the watchdog carries it out. */
import type { Context } from "../context.ts";
import { ensureHelper } from "../server/helper-image.ts";
import { conclude, type ServerRelease } from "./conclude.ts";
import { environmentText } from "./environment.ts";
import { inspectImage } from "./inspect-image.ts";
import { makeRelease, type ReleaseWishes, type ShippedImage } from "./make-release.ts";
import type { AppName, ReleaseId } from "./names.ts";
import { operationOf, whoIAm } from "./operation.ts";
import { releaseFiles } from "./record.ts";
import { startOperation } from "./run-operation.ts";
import type { Session } from "./session.ts";

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
  const files = releaseFiles(release, environment, { who: whoIAm(), now: new Date() });
  const operation = operationOf("deploy", facts, options, { helper, runId: context.runId });
  await startOperation(server, operation, files);
  return await conclude(session, operation, options, context);
}
