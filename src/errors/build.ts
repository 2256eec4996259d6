import { entry, exitCodes } from "./entry.ts";

export const buildErrors = {
  CONTEXT_MISSING: entry<{ context: string }>({
    title: "The build context is not a directory",
    exitCode: exitCodes.usage,
    message: ({ context }) => `The build context ${context} is not a directory.`,
    hint: () => "Name the directory that holds your sources: transship build --context DIR",
  }),
  DOCKERFILE_MISSING: entry<{ dockerfile: string }>({
    title: "There is no Dockerfile",
    exitCode: exitCodes.usage,
    message: ({ dockerfile }) => `There is no Dockerfile at ${dockerfile}.`,
    hint: () => "Name it: transship build --dockerfile FILE",
  }),
  BUILD_REFUSED: entry<{ problem: string; fix: string }>({
    title: "The build would go wrong",
    exitCode: exitCodes.failed,
    message: ({ problem }) => problem,
    hint: ({ fix }) => fix,
  }),
  EMULATION_REFUSED: entry<{ steps: number; platforms: readonly string[] }>({
    title: "Steps would run emulated, and that was forbidden",
    exitCode: exitCodes.failed,
    message: ({ steps, platforms }) =>
      `${steps} ${steps === 1 ? "step" : "steps"} of this build would run emulated for ${platforms.join(" and ")} (--no-emulation).`,
    hint: () =>
      "Let them run on the builder's own platform (FROM --platform=$BUILDPLATFORM) and compile for TARGETARCH, or build without --no-emulation.",
  }),
  DOCKERFILE_INVALID: entry<{ dockerfile: string; problem: string }>({
    title: "The Dockerfile cannot be read",
    exitCode: exitCodes.failed,
    message: ({ dockerfile, problem }) => `${dockerfile} is not a Dockerfile: ${problem}.`,
    hint: () => "Mend that line, then run the same command again.",
  }),
  BUILD_STEP_FAILED: entry<{ step: string; exitCode: number; output: string }>({
    title: "A step of the build failed",
    exitCode: exitCodes.failed,
    message: ({ step, exitCode }) => `The step ${step} ended with exit code ${exitCode}.`,
    hint: ({ output }) =>
      output === "" ? "Its output stands above." : `Its last words: ${output}`,
  }),
  EMULATOR_CRASHED: entry<{ step: string; platform: string; signal: string }>({
    title: "A program crashed under the emulator",
    exitCode: exitCodes.failed,
    message: ({ step, platform, signal }) =>
      `The step ${step} crashed under the emulator of ${platform} (${signal}).`,
    hint: () =>
      "Let that step run natively: FROM --platform=$BUILDPLATFORM and cross-compile, or update the emulator (docker run --privileged --rm tonistiigi/binfmt --install all).",
  }),
  BASE_IMAGE_UNAVAILABLE: entry<{ image: string; reason: string }>({
    title: "A base image cannot be had",
    exitCode: exitCodes.environment,
    message: ({ image, reason }) => `The base image ${image} cannot be had: ${reason}.`,
    hint: ({ image }) =>
      `Check its name and your network: docker buildx imagetools inspect ${image}; or give it from a layout: --build-context ${image}=oci-layout://DIR`,
  }),
  BASE_PLATFORM_MISSING: entry<{ image: string; platform: string }>({
    title: "A base image does not exist for the platform",
    exitCode: exitCodes.failed,
    message: ({ image, platform }) => `The base image ${image} does not exist for ${platform}.`,
    hint: ({ image }) =>
      `See which it has: docker buildx imagetools inspect ${image}; then choose another base.`,
  }),
  BUILD_TARGET_UNKNOWN: entry<{ target: string }>({
    title: "The Dockerfile has no such stage",
    exitCode: exitCodes.usage,
    message: ({ target }) => `The Dockerfile has no stage named ${target}.`,
    hint: () => "Name one of its stages (FROM … AS NAME): transship build --target NAME",
  }),
  BUILD_FILE_MISSING: entry<{ file: string }>({
    title: "A file that the Dockerfile copies is not there",
    exitCode: exitCodes.failed,
    message: ({ file }) => `The Dockerfile copies ${file}, which is not in its source.`,
    hint: () => "Check the path, the build context (--context) and .dockerignore.",
  }),
  BUILD_FAILED: entry<{ command: string; exitCode: number; reason: string }>({
    title: "The build failed for a reason that has no code of its own",
    exitCode: exitCodes.tool,
    message: ({ exitCode, reason }) => `The build failed with exit code ${exitCode}: ${reason}`,
    hint: ({ command }) => `Run it yourself to see more: ${command}`,
  }),
  LABEL_DIFFERS: entry<{ image: string; expected: string; actual: string }>({
    title: "The image in the engine has another label than the one that was built",
    exitCode: exitCodes.failed,
    message: ({ image, expected, actual }) =>
      `The engine says that ${image} is ${actual}, not ${expected} that was built.`,
    hint: ({ image }) =>
      `Another run may have loaded an image of that name; look: docker image inspect ${image}`,
  }),
  PUSH_TARGET_MISSING: entry<{ image: string }>({
    title: "The image's name leads to no registry of yours",
    exitCode: exitCodes.usage,
    message: ({ image }) => `${image} names no registry that it could be pushed to.`,
    hint: () =>
      "Name it: transship build --push --registry registry.example.org/team; or in the image's name: --image registry.example.org/team/app",
  }),
};
