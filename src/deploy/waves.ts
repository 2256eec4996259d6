/** Several servers: so many at once, none after one has failed, and those that have it stay or go back. */
import type { Context } from "../context.ts";
import { isFailure, type TransshipError } from "../errors.ts";
import type { ServerOutcome } from "../ship/ship.ts";
import type { ServerRelease } from "./conclude.ts";
import { deployOn, type ReleaseOptions } from "./deploy-on.ts";
import { parseReleaseId } from "./names.ts";
import { rollbackOn } from "./rollback.ts";
import type { Session } from "./session.ts";

export type ServerDeploy =
  | ({ readonly kind: "done" } & ServerRelease)
  | { readonly kind: "failed"; readonly server: string; readonly error: TransshipError }
  | { readonly kind: "untouched"; readonly server: string };

interface Waves extends Omit<ReleaseOptions, "isOneOfMany"> {
  readonly parallel: number;
  readonly onFailure: "undo" | "leave";
}

/** In the order of the servers. */
export async function deployInWaves(
  sessions: readonly Session[],
  shipped: readonly ServerOutcome[],
  options: Waves,
  context: Context,
): Promise<readonly ServerDeploy[]> {
  const wishes = { ...options, isOneOfMany: sessions.length > 1 };
  const done: ServerDeploy[] = [];
  for (let from = 0; from < sessions.length; from += options.parallel) {
    const wave = sessions.slice(from, from + options.parallel);
    const isOver = !done.every(hasIt);
    const ended = wave.map(async (session, n): Promise<ServerDeploy> => {
      const { name: server } = session.server;
      if (isOver) return { kind: "untouched", server };
      return await attempt(session, shipped[from + n], wishes, context);
    });
    done.push(...(await Promise.all(ended)));
  }
  if (options.onFailure === "leave" || done.every(hasIt)) return done;
  return await Promise.all(
    done.map(async (one, n) => await goBack(one, sessions[n], wishes, context)),
  );
}

/** Whether the server has the release. */
export function hasIt(one: ServerDeploy): boolean {
  return one.kind === "done" && (one.outcome === "deployed" || one.outcome === "unchanged");
}

async function attempt(
  session: Session,
  shipped: ServerOutcome | undefined,
  options: ReleaseOptions,
  context: Context,
): Promise<ServerDeploy> {
  const { name: server } = session.server;
  if (shipped === undefined) return { kind: "untouched", server };
  if (shipped.kind === "failed") return { kind: "failed", server, error: shipped.error };
  const { image: name, id, digest, platform, emulated: isEmulated } = shipped;
  const image = { name, id, digest, platform, isEmulated };
  try {
    return { kind: "done", ...(await deployOn(session, image, options, context)) };
  } catch (error) {
    if (context.signal.aborted || !isFailure(error) || !options.isOneOfMany) throw error;
    return { kind: "failed", server, error };
  }
}

/** One that had nothing before has nothing to go back to. */
async function goBack(
  one: ServerDeploy,
  session: Session | undefined,
  options: ReleaseOptions,
  context: Context,
): Promise<ServerDeploy> {
  if (session === undefined || one.kind !== "done" || one.outcome !== "deployed") return one;
  if (one.previous === undefined) return one;
  const id = parseReleaseId(one.previous);
  context.report({ kind: "note", text: `${one.server}: going back to ${id}, for another failed.` });
  try {
    const back = await rollbackOn(session, { ...options, id }, context);
    const isBack = back.outcome === "deployed";
    const reason = isBack ? "another server failed" : `going back failed: ${back.reason ?? ""}`;
    const outcome = isBack ? ("rolled-back" as const) : ("rollback-failed" as const);
    return { ...one, outcome, reason, serving: back.serving };
  } catch (error) {
    if (context.signal.aborted || !isFailure(error)) throw error;
    return { kind: "failed", server: one.server, error };
  }
}
