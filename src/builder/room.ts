/** Room on a builder's disk, after a build filled it. */
import type { Context } from "../context.ts";
import { pruneBuilderArgs, prunedTotal } from "../engine/buildx.ts";
import { dockerArgv } from "../engine/docker.ts";
import { pauseFor } from "../process/wait.ts";
import { defaultBuilder } from "./builder.ts";

const pruneDeadlineMs = 60_000;
const mostAttempts = 10;

/**
 * What a step that filled the disk has written stays there, because BuildKit has no room left to note that it may go: every later
 * build would fail as well. So the cache of our own builder is cleared; others' builders are left to them.
 * @returns whether there may be room again
 */
export async function clearFullBuilder(
  builder: string,
  { docker, report, signal }: Pick<Context, "docker" | "report" | "signal">,
): Promise<boolean> {
  if (builder !== defaultBuilder) return false;
  const args = pruneBuilderArgs(builder);
  report({ kind: "command", argv: dockerArgv(args) });
  let reason = "";
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    try {
      const { stdout } = await docker.run(args, { deadlineMs: pruneDeadlineMs });
      const text = `The builder's cache was cleared (${prunedTotal(stdout)}), with what an earlier build had left when it filled the disk.`;
      report({ kind: "warning", text });
      return true;
    } catch (error) {
      // Each attempt finds a little more room than the one before it, for the note of what it removes.
      reason = error instanceof Error ? error.message : String(error);
      await pauseFor(1_000, signal);
    }
  }
  report({ kind: "warning", text: `The builder's cache could not be cleared: ${reason}` });
  return false;
}
