/** Whether a builder runs a platform's programs: found out by running one, never by a list. */
import type { Context } from "../context.ts";
import { probeBuildArgs } from "../engine/buildx.ts";
import { isFailure } from "../errors.ts";
import { tarball, tarFile } from "../filesystem/tarball.ts";
import { formatPlatform, type Platform } from "../platform/platform.ts";
import { probeProgram } from "../probe/program.ts";
import { engineBuilder } from "./builder.ts";
import { lastLine } from "../process/last-line.ts";

const probeDeadlineMs = 30_000;

/** Runs the probe of that platform in a step of a build. @returns why it did not run, or `undefined` */
export async function probeBuilder(
  platform: Platform,
  builder: string,
  context: Pick<Context, "docker">,
): Promise<string | undefined> {
  return await probeInOne([platform], builder, context);
}

/**
 * Runs the probe of each platform: of all in one build, which costs half, and only where that fails of each alone.
 * @returns for each why it did not run, or `undefined`
 */
export async function probePlatforms(
  platforms: readonly Platform[],
  builder: string,
  context: Pick<Context, "docker">,
): Promise<readonly (string | undefined)[]> {
  // The engine's own BuildKit may build one platform at a time only.
  const isTogether = platforms.length > 1 && builder !== engineBuilder;
  if (isTogether && (await probeInOne(platforms, builder, context)) === undefined) {
    return platforms.map(() => undefined);
  }
  return await Promise.all(
    platforms.map(async (platform) => await probeBuilder(platform, builder, context)),
  );
}

async function probeInOne(
  platforms: readonly Platform[],
  builder: string,
  { docker }: Pick<Context, "docker">,
): Promise<string | undefined> {
  const programs = platforms.flatMap((platform) => {
    const program = probeProgram(platform);
    return program === undefined ? [] : [{ platform, program }];
  });
  if (programs.length === 0) return undefined;
  const files = programs.map(({ platform: { architecture, variant = "" }, program }) =>
    tarFile(`probe-${architecture}${variant}`, program, 0o755),
  );
  const wanted = programs.map(({ platform }) => formatPlatform(platform)).join(",");
  try {
    const finished = await docker.attempt(probeBuildArgs(builder, wanted), {
      input: tarball([tarFile("Dockerfile", dockerfile), ...files]),
      deadlineMs: probeDeadlineMs,
    });
    return finished.exitCode === 0 ? undefined : lastLine(finished.stderr);
  } catch (error) {
    if (isFailure(error, "DEADLINE_PASSED")) return error.message;
    // That of a node: whoever asks the builder has asked the engine before.
    if (isFailure(error, "ENGINE_UNREACHABLE")) return lastLine(String(error.facts["reason"]));
    throw error;
  }
}

const dockerfile = `FROM scratch
ARG TARGETARCH TARGETVARIANT
COPY --chmod=755 probe-$TARGETARCH$TARGETVARIANT /probe
RUN ["/probe"]
`;
