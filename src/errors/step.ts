import { entry, exitCodes } from "./entry.ts";

/** What goes wrong in a step of a build, by its cause. */
export const stepErrors = {
  BUILD_STEP_FAILED: entry<{ step: string; exitCode: number; output: string }>({
    title: "A step of the build failed",
    exitCode: exitCodes.failed,
    message: ({ step, exitCode }) => `The step ${step} ended with exit code ${exitCode}.`,
    hint: () =>
      "Its last words are its own. Mend that line and build again, what came before it is in the cache: transship build",
  }),
  EMULATOR_CRASHED: entry<{ step: string; platform: string; signal: string }>({
    title: "A program crashed under the emulator",
    exitCode: exitCodes.failed,
    message: ({ step, platform, signal }) =>
      `The step ${step} crashed under the emulator of ${platform} (${signal}).`,
    hint: () =>
      "Let that step run natively: FROM --platform=$BUILDPLATFORM and cross-compile, or update the emulator (docker run --privileged --rm tonistiigi/binfmt --install all).",
  }),
  ROSETTA_FAILED: entry<{ step: string; reason: string }>({
    title: "A program cannot run under Rosetta",
    exitCode: exitCodes.failed,
    message: ({ step, reason }) => `The step ${step} cannot run under Rosetta: ${reason}.`,
    hint: () =>
      "Let qemu run it (Docker Desktop: Settings, General, without Rosetta), or let that step run natively: FROM --platform=$BUILDPLATFORM; then: transship build",
  }),
  STEP_LOADER_MISSING: entry<{ step: string; loader: string; platform: string }>({
    title: "A step starts a program of another platform, whose loader is not in its stage",
    exitCode: exitCodes.failed,
    message: ({ step, loader, platform }) =>
      `The step ${step} starts a program that is not made for ${platform}: it wants ${loader}, which that stage does not have.`,
    hint: () =>
      "Fetch or compile it for the platform of its stage ($TARGETARCH, $BUILDARCH), and see what it is: file PROGRAM",
  }),
  STEP_PROGRAM_FOREIGN: entry<{ step: string; program: string; platform: string }>({
    title: "A step starts a file that is no program of its platform",
    exitCode: exitCodes.failed,
    message: ({ step, program, platform }) =>
      `The step ${step} starts ${program}, which is no program of ${platform}.`,
    hint: ({ program }) =>
      `See what it is: file ${program}; fetch or compile it for the platform of its stage; a script has to begin with #!/bin/sh`,
  }),
  STEP_CPU_TOO_OLD: entry<{ step: string; platform: string; reason: string }>({
    title: "A program wants a newer processor than the builder or its emulator has",
    exitCode: exitCodes.failed,
    message: ({ step, platform, reason }) =>
      `The step ${step} wants a newer processor of ${platform} than there is: ${reason}.`,
    hint: () =>
      "Compile for the level that all have (-march=x86-64, GOAMD64=v1, RUSTFLAGS=-Ctarget-cpu=x86-64), or take a base image made for it; which level a program wants: transship verify --cpu x86-64-v2 IMAGE",
  }),
  STEP_INSTRUCTION_ILLEGAL: entry<{ step: string; platform: string }>({
    title: "A program uses an instruction that the processor does not have",
    exitCode: exitCodes.failed,
    message: ({ step, platform }) =>
      `A program of the step ${step} used an instruction that this processor of ${platform} does not have.`,
    hint: () =>
      "It is made for a newer one (AVX and the like), or damaged: compile it without -march=native, or take a build for the level that all have; see: transship verify --cpu x86-64-v2 IMAGE",
  }),
  STEP_CRASHED: entry<{ step: string; signal: string; platform: string; isNative: boolean }>({
    title: "A program of a step crashed",
    exitCode: exitCodes.failed,
    message: ({ step, signal }) => `A program of the step ${step} crashed (${signal}).`,
    hint: ({ isNative, platform }) =>
      `${isNative ? "It ran without an emulator, so the fault is its own. " : ""}Try it in a container: docker run --rm -it --platform ${platform} IMAGE`,
  }),
  STEP_SHELL_MISSING: entry<{ step: string; shell: string }>({
    title: "The stage has no shell that could run its step",
    exitCode: exitCodes.failed,
    message: ({ step, shell }) => `The stage of the step ${step} has no shell ${shell}.`,
    hint: () =>
      'Do it in a stage that has one and copy what comes of it (COPY --from=STAGE), or start the program itself: RUN ["/program", "argument"]; then: transship build',
  }),
  STEP_USER_UNKNOWN: entry<{ step: string; kind: string; user: string }>({
    title: "A step runs as a user or group that the stage does not have",
    exitCode: exitCodes.failed,
    message: ({ step, kind, user }) =>
      `The step ${step} runs as the ${kind} ${user}, which its stage does not have.`,
    hint: ({ kind, user }) =>
      kind === "group"
        ? `Make it before USER names it: RUN groupadd --system ${user} (Alpine: addgroup -S ${user})`
        : `Make it before USER names it: RUN useradd --system ${user} (Alpine: adduser -S ${user}); or give a number: USER 1000`,
  }),
  STEP_COMMAND_MISSING: entry<{ step: string; program: string }>({
    title: "A step calls a program that its stage does not have",
    exitCode: exitCodes.failed,
    message: ({ step, program }) =>
      `The step ${step} calls ${program}, which its stage does not have.`,
    hint: ({ program }) =>
      program.includes("/")
        ? "If the file is there, what it is started by is not: the interpreter in its first line (without a carriage return), or its loader; see: head -1 FILE, file FILE"
        : `Install it in that stage: RUN apt-get update && apt-get install -y PACKAGE (Alpine: apk add PACKAGE), or correct the name ${program}`,
  }),
  STEP_COMMAND_NOT_EXECUTABLE: entry<{ step: string; program: string }>({
    title: "A step calls a file that may not be executed",
    exitCode: exitCodes.failed,
    message: ({ step, program }) => `The step ${step} calls ${program}, which may not be executed.`,
    hint: () =>
      "Copy it with that right: COPY --chmod=755 FILE /; or give it in the repository: git update-index --chmod=+x FILE",
  }),
  STEP_LIBRARY_MISSING: entry<{ step: string; library: string; platform: string }>({
    title: "A program of a step lacks a library, or has one that is too old",
    exitCode: exitCodes.failed,
    message: ({ step, library }) =>
      `A program of the step ${step} wants ${library}, which its stage does not have.`,
    hint: ({ platform }) =>
      `Compile it on the base that it runs on, or install the library there; to find its package: docker run --rm --platform ${platform} IMAGE sh -c 'apt-get update && apt-get install -y apt-file && apt-file update && apt-file search LIBRARY'`,
  }),
  STEP_DEPENDENCY_MISSING: entry<{ step: string; package: string; platform: string; cpu: string }>({
    title: "The part of a Node package that is made for the platform is not installed",
    exitCode: exitCodes.failed,
    message: ({ step, package: name, platform }) =>
      `The step ${step} lacks ${name}, the part of a package that is made for ${platform}.`,
    hint: ({ cpu }) =>
      `node_modules or the lock file is of another platform: put node_modules into .dockerignore, and have the lock file name it: npm install --package-lock-only --os=linux --cpu=${cpu} --include=optional`,
  }),
  STEP_MODULE_FOREIGN: entry<{ step: string; file: string; platform: string }>({
    title: "A step loads a library that is made for another platform",
    exitCode: exitCodes.failed,
    message: ({ step, file, platform }) =>
      `The step ${step} loads ${file}, which is not made for ${platform}.`,
    hint: () =>
      "It may come from your own machine: put node_modules, venv and the like into .dockerignore and install in the stage (npm ci, pip install); what it is: file LIBRARY",
  }),
  STEP_OBJECT_FOREIGN: entry<{ step: string; file: string; platform: string }>({
    title: "A step links an object that is made for another platform",
    exitCode: exitCodes.failed,
    message: ({ step, file }) =>
      `The step ${step} links ${file}, which is made for another platform.`,
    hint: () =>
      "Take compiler, linker and libraries for one and the same target, keep what was compiled outside out of the context (.dockerignore) and apart in cache mounts (id=…-$TARGETARCH); what it is: file OBJECT",
  }),
  STEP_PACKAGE_MISSING: entry<{ step: string; tool: string; package: string; platform: string }>({
    title: "A step installs a package that does not exist for its platform",
    exitCode: exitCodes.failed,
    message: ({ step, package: name, tool, platform }) =>
      `The step ${step} installs ${name}, which ${tool} does not find for ${platform}.`,
    hint: ({ tool, package: name, platform }) => packageHint(tool, name, platform),
  }),
  STEP_DOWNLOAD_MISSING: entry<{ step: string; status: string; platform: string }>({
    title: "A step downloads something that is not there",
    exitCode: exitCodes.failed,
    message: ({ step, status }) =>
      `The step ${step} downloads something that its server does not have (HTTP ${status}).`,
    hint: ({ platform }) =>
      `See whether it exists for ${platform}, and under which name (amd64 or x86_64, arm64 or aarch64): curl -fsSLI ADDRESS`,
  }),
  STEP_NETWORK_FAILED: entry<{ step: string; address: string; reason: string }>({
    title: "A step does not reach the network",
    exitCode: exitCodes.environment,
    message: ({ step, reason }) => `The step ${step} does not reach what it needs: ${reason}`,
    hint: () =>
      "Try again when the network is there; through a proxy: transship build --build-arg HTTP_PROXY=http://proxy.example.org:3128 --build-arg HTTPS_PROXY=http://proxy.example.org:3128",
  }),
  STEP_OUT_OF_MEMORY: entry<{ step: string; reason: string }>({
    title: "A step ran out of memory",
    exitCode: exitCodes.environment,
    message: ({ step, reason }) => `The step ${step} ran out of memory: ${reason}.`,
    hint: ({ reason }) =>
      reason.includes("JavaScript")
        ? "Raise Node's own limit in that step: RUN NODE_OPTIONS=--max-old-space-size=4096 npm run build; and see what the engine has: docker info --format '{{.MemTotal}}'"
        : "Give the engine more (Docker Desktop: Settings, Resources), or do less at once (make -j1, CARGO_BUILD_JOBS=1); see what it has: docker info --format '{{.MemTotal}}'",
  }),
  STEP_KILLED: entry<{ step: string }>({
    title: "A program of a step was killed",
    exitCode: exitCodes.environment,
    message: ({ step }) =>
      `A program of the step ${step} was killed (SIGKILL), as the kernel does where memory runs out.`,
    hint: () =>
      "Give the engine more memory (Docker Desktop: Settings, Resources), or do less at once (make -j1); whether it was that: sudo dmesg | grep -i 'killed process'",
  }),
};

function packageHint(tool: string, name: string, platform: string): string {
  const run = `docker run --rm --platform ${platform}`;
  switch (tool) {
    case "apt-get":
      return `Let apt-get update stand in the same RUN; whether there is one for ${platform}: ${run} IMAGE sh -c 'apt-get update && apt-cache policy ${name}'`;
    case "apk":
      return `See whether there is one for ${platform}: ${run} IMAGE sh -c 'apk update && apk search ${name}'`;
    case "pip":
      return `There may be no wheel for ${platform}, or for its libc or Python; see: ${run} IMAGE pip download --no-deps ${name}`;
    default:
      return `See whether there is one for ${platform}: ${run} IMAGE ${tool} search ${name}`;
  }
}
