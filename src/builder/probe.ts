/** Whether a builder runs a platform's programs: found out by running one, never by a list. */
import type { Context } from "../context.ts";
import { probeBuildArgs } from "../engine/buildx.ts";
import { isFailure } from "../errors.ts";
import { tarball, tarFile } from "../filesystem/tarball.ts";
import { formatPlatform, type Platform } from "../platform/platform.ts";
import { probeProgram } from "../probe/program.ts";

const probeDeadlineMs = 30_000;

/** Runs the probe of that platform in a step of a build. @returns why it did not run, or `undefined` */
export async function probeBuilder(
  platform: Platform,
  builder: string,
  { docker }: Pick<Context, "docker">,
): Promise<string | undefined> {
  const program = probeProgram(platform);
  if (program === undefined) return undefined;
  const dockerfile = 'FROM scratch\nCOPY --chmod=755 probe /probe\nRUN ["/probe"]\n';
  try {
    const finished = await docker.attempt(probeBuildArgs(builder, formatPlatform(platform)), {
      input: tarball([tarFile("Dockerfile", dockerfile), tarFile("probe", program, 0o755)]),
      deadlineMs: probeDeadlineMs,
    });
    return finished.exitCode === 0 ? undefined : lastLine(finished.stderr);
  } catch (error) {
    if (isFailure(error, "DEADLINE_PASSED")) return error.message;
    throw error;
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
