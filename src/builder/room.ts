/** Room on a builder's disk, after a build filled it. */
import type { Context } from "../context.ts";
import { pruneBuilderArgs, prunedTotal } from "../engine/buildx.ts";
import { dockerArgv } from "../engine/docker.ts";
import { defaultBuilder } from "./builder.ts";

const pruneDeadlineMs = 60_000;

/**
 * What a step that filled the disk has written stays there, because BuildKit has no room left to note that it may go: every later
 * build would fail as well. So the cache of our own builder is cleared; others' builders are left to them. Throws nothing.
 */
export async function clearFullBuilder(
  builder: string,
  { docker, report }: Pick<Context, "docker" | "report">,
): Promise<void> {
  if (builder !== defaultBuilder) return;
  const args = pruneBuilderArgs(builder);
  report({ kind: "command", argv: dockerArgv(args) });
  try {
    const { exitCode, stdout } = await docker.attempt(args, { deadlineMs: pruneDeadlineMs });
    if (exitCode !== 0) return;
    const text = `The builder's cache was cleared (${prunedTotal(stdout)}), with what the failed step had written: the next build has room again.`;
    report({ kind: "note", text });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report({ kind: "warning", text: `The builder's cache could not be cleared: ${reason}` });
  }
}
