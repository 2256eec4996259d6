/** Carries out the steps of a plan: docker's commands, what they say being detail. */
import type { Context } from "../context.ts";
import { isFailure } from "../errors.ts";
import type { Carry } from "./plan.ts";
import type { SetupOptions } from "./setup.ts";

/** BuildKit's image may have to be pulled first. */
const changeDeadlineMs = 10 * 60_000;

export function carryFor({ docker, report }: Context): Carry {
  return async (args, mayFail) => {
    try {
      await docker.run(args, {
        deadlineMs: changeDeadlineMs,
        onErrorLine: (line) => report({ kind: "detail", text: line }),
      });
    } catch (error) {
      if (!mayFail || !isFailure(error, "ENGINE_UNREACHABLE", "DOCKER_FAILED")) throw error;
      report({ kind: "detail", text: error.message });
    }
  };
}

/** How a plan is carried out, or only shown. */
export function carryOptions(options: Pick<SetupOptions, "dryRun">, { report, signal }: Context) {
  return { report, signal, dryRun: options.dryRun ?? false };
}
