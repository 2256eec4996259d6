import { entry, exitCodes } from "./entry.ts";

export const buildErrors = {
  CONTEXT_MISSING: entry<{ context: string }>({
    title: "The build context is not a directory",
    exitCode: exitCodes.usage,
    message: ({ context }) => `The build context ${context} is not a directory.`,
    hint: () => "Name the directory that holds your sources: --context DIR",
  }),
  DOCKERFILE_MISSING: entry<{ dockerfile: string }>({
    title: "There is no Dockerfile",
    exitCode: exitCodes.usage,
    message: ({ dockerfile }) => `There is no Dockerfile at ${dockerfile}.`,
    hint: () => "Name it: transship build --dockerfile FILE, or transship lint FILE",
  }),
  DOCKERFILE_UNREADABLE: entry<{ dockerfile: string; reason: string }>({
    title: "A Dockerfile cannot be read",
    exitCode: exitCodes.usage,
    message: ({ dockerfile, reason }) => `The Dockerfile ${dockerfile} cannot be read: ${reason}.`,
    hint: () => "See what it is: ls -l FILE; or name another: transship lint FILE",
  }),
  DOCKERFILE_NOT_WRITABLE: entry<{ dockerfile: string; reason: string }>({
    title: "A Dockerfile cannot be written",
    exitCode: exitCodes.environment,
    message: ({ dockerfile, reason }) =>
      `The Dockerfile ${dockerfile} cannot be written: ${reason}.`,
    hint: () =>
      "See what --fix would change, and change it yourself: transship lint --fix --dry-run FILE",
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
    hint: () => "See what to write instead: transship build --explain-emulation --dry-run",
  }),
  DOCKERFILE_INVALID: entry<{ dockerfile: string; problem: string }>({
    title: "The Dockerfile cannot be read",
    exitCode: exitCodes.failed,
    message: ({ dockerfile, problem }) => `${dockerfile} is not a Dockerfile: ${problem}.`,
    hint: () => "Mend it, then run the same command again: transship build",
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
    hint: () =>
      "Check the path and .dockerignore, or name another context: transship build --context DIR",
  }),
  NAMED_CONTEXT_MISSING: entry<{ context: string; reason: string }>({
    title: "A named build context is not there",
    exitCode: exitCodes.usage,
    message: ({ context, reason }) => `The build context ${context} cannot be had: ${reason}.`,
    hint: ({ context }) =>
      `Give a directory, an image or a layout that is there: transship build --build-context ${context}=DIR`,
  }),
  SOURCE_UNSUPPORTED: entry<{ scheme: string; builder: string }>({
    title: "The builder cannot take in a source of that kind",
    exitCode: exitCodes.environment,
    message: ({ scheme, builder }) => `The builder ${builder} takes in nothing by ${scheme}.`,
    hint: ({ scheme }) =>
      scheme.includes("git")
        ? "Its image has no git: fetch the sources first (git clone URL), then: transship build --context DIR; or take BuildKit's own image: transship setup --recreate"
        : "The engine's own BuildKit does not; a builder of its own does: transship setup, then transship build --builder multiarch-builder",
  }),
  ADD_UNAVAILABLE: entry<{ address: string; reason: string }>({
    title: "What an ADD fetches cannot be had",
    exitCode: exitCodes.failed,
    message: ({ address, reason }) =>
      `${address}, which the Dockerfile adds, cannot be had: ${reason}.`,
    hint: ({ address }) =>
      `Check the address, and the name of the architecture where one is in it: curl -fsSLI ${address}`,
  }),
  ADD_CHECKSUM_DIFFERS: entry<{ address: string; expected: string; actual: string }>({
    title: "What an ADD fetches is not what its checksum says",
    exitCode: exitCodes.failed,
    message: ({ address, expected, actual }) => `${address} is ${actual}, not ${expected}.`,
    hint: ({ address }) =>
      `If that is the file that you want, write its checksum into the Dockerfile; look at it first: curl -fsSL ${address} | sha256sum`,
  }),
  SECRET_MISSING: entry<{ secret: string }>({
    title: "A step wants a secret that was not given",
    exitCode: exitCodes.usage,
    message: ({ secret }) => `The build wants the secret ${secret}, which was not given.`,
    hint: ({ secret }) =>
      secret.includes("/")
        ? "Name a file that is there: transship build --secret id=NAME,src=FILE"
        : `Give it from a file or a variable: transship build --secret id=${secret},src=FILE (or ,env=VARIABLE)`,
  }),
  SSH_AGENT_MISSING: entry<{ agent: string }>({
    title: "A step wants an ssh agent that was not given",
    exitCode: exitCodes.usage,
    message: ({ agent }) => `The build wants the ssh agent "${agent}", and there is none for it.`,
    hint: ({ agent }) =>
      `Start one and hand it on: eval "$(ssh-agent)" && ssh-add && transship build --ssh ${agent}`,
  }),
  ENTITLEMENT_REFUSED: entry<{ entitlement: string; by: string; builder: string }>({
    title: "A step wants a right that it is not given",
    exitCode: exitCodes.usage,
    message: ({ entitlement, by }) => `A step wants ${entitlement}, which ${by} does not allow.`,
    hint: ({ entitlement, by }) =>
      by === "the command"
        ? `If you trust the Dockerfile: transship build -- --allow ${entitlement}`
        : `Make a builder that allows it: docker buildx create --name NAME --buildkitd-flags '--allow-insecure-entitlement ${entitlement}'; then: transship build --builder NAME -- --allow ${entitlement}`,
  }),
  CACHE_EXPORT_FAILED: entry<{ reason: string }>({
    title: "The build's cache cannot be written where it should go",
    exitCode: exitCodes.environment,
    message: ({ reason }) => `The cache cannot be written: ${reason}.`,
    hint: () =>
      "The image itself was built; leave out --cache-to, or log in to that registry (docker login REGISTRY), then: transship build",
  }),
  BUILDX_FLAG_TOO_NEW: entry<{ flag: string; since: string }>({
    title: "buildx is too old for a flag",
    exitCode: exitCodes.environment,
    message: ({ flag, since }) => `buildx does not know ${flag}; buildx ${since} and newer do.`,
    hint: () =>
      "See which you have: docker buildx version; upgrade the package docker-buildx (Debian, Ubuntu), docker-buildx-plugin (docker.com) or Docker Desktop, or leave the flag out.",
  }),
  BUILDER_LOST: entry<{ builder: string; reason: string }>({
    title: "The builder went away in the middle of a build",
    exitCode: exitCodes.environment,
    message: ({ builder, reason }) => `The builder ${builder} went away: ${reason}.`,
    hint: ({ builder }) =>
      `See whether it was stopped, or lacked memory: docker logs --tail 20 buildx_buildkit_${builder}0; bring it back: ${setupCommand(builder)}`,
  }),
  BUILD_CANCELLED: entry<{ builder: string }>({
    title: "Somebody else ended the build",
    exitCode: exitCodes.tool,
    message: ({ builder }) => `The build was ended at the builder ${builder}, and not from here.`,
    hint: () =>
      "Its builder may have been stopped; see how it is, then build again: docker buildx ls",
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

function setupCommand(builder: string): string {
  return builder === "multiarch-builder"
    ? "transship setup"
    : `transship setup --builder ${builder}`;
}
