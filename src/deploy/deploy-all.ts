/** Several apps, one after the other; after the first that does not get there none is begun. */
import type { Context } from "../context.ts";
import { isFailure, type TransshipError } from "../errors.ts";
import { deploy, type DeployOptions, type DeployResult } from "./deploy.ts";
import type { AppName } from "./names.ts";
import { hasIt } from "./waves.ts";

export type AppOutcome = { readonly app: AppName } & (
  | { readonly kind: "done"; readonly result: DeployResult }
  | { readonly kind: "failed"; readonly error: TransshipError }
  /** Not begun, because of one before it. */
  | { readonly kind: "skipped" }
);

/** One alone fails as `deploy` does. @throws the errors of {@link deploy} */
export async function deployAll(
  deploys: readonly DeployOptions[],
  context: Context,
): Promise<readonly AppOutcome[]> {
  const outcomes: AppOutcome[] = [];
  let isOver = false;
  for (const [n, options] of deploys.entries()) {
    const { app } = options;
    if (isOver) {
      outcomes.push({ app, kind: "skipped" });
      continue;
    }
    if (deploys.length > 1) {
      const reason = `app ${n + 1} of ${deploys.length}`;
      context.report({ kind: "step", title: `Deploy ${app}`, reason });
    }
    const outcome = await attempt(options, deploys.length > 1, context);
    outcomes.push(outcome);
    isOver = outcome.kind !== "done" || !outcome.result.servers.every(mayGoOn);
  }
  return outcomes;
}

async function attempt(
  options: DeployOptions,
  isOneOfMany: boolean,
  context: Context,
): Promise<AppOutcome> {
  const { app } = options;
  try {
    return { app, kind: "done", result: await deploy(options, context) };
  } catch (error) {
    if (!isOneOfMany || context.signal.aborted || !isFailure(error)) throw error;
    return { app, kind: "failed", error };
  }
}

/** With a dry run none is touched. */
function mayGoOn(server: DeployResult["servers"][number]): boolean {
  return server.kind === "untouched" || hasIt(server);
}
