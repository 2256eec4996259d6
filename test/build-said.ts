/** What buildx and BuildKit say of a build that failed, for tests of what is made of it. */
import type { FailedBuild, FailedStep } from "../src/build/diagnosis/failed-build.ts";

const build = {
  argv: ["docker", "buildx", "build", "."],
  exitCode: 1,
  dockerfile: "Dockerfile",
  builder: "multiarch-builder",
  platform: "linux/arm64",
} as const;

/** A build that failed with that error of buildx's. */
export function failedBuild(error: string, more: Partial<FailedBuild> = {}): FailedBuild {
  return { ...build, words: `ERROR: failed to build: ${error}\n`, ...more };
}

/** A build whose step of that name failed with BuildKit's reason; what stands around that is buildx's. */
export function failedStep(
  name: string,
  error: string,
  more: Partial<FailedStep> = {},
): FailedBuild {
  return failedBuild(`failed to solve: ${error}`, { step: { name, error, output: [], ...more } });
}

/** A build whose step `make` printed that and ended with that exit code. */
export function failedMake(
  output: string,
  exitCode: number,
  more: Partial<FailedStep> = {},
): FailedBuild {
  const error = `process "/bin/sh -c make" did not complete successfully: exit code: ${exitCode}`;
  const execution = more.platform === "linux/arm64" ? "emulated" : "native";
  const step = { platform: "linux/amd64", execution, output: output.split("\n") } as const;
  return failedStep("[stage-0 2/3] RUN make", error, { ...step, ...more });
}
