import { entry, exitCodes } from "./entry.ts";

export const engineErrors = {
  DOCKER_MISSING: entry<{ path: string }>({
    title: "The docker command is not installed",
    exitCode: exitCodes.environment,
    message: () => "There is no docker command on the PATH.",
    hint: () =>
      "Install Docker Desktop (Mac, Windows) or your distribution's docker packages, then: docker version",
  }),
  ENGINE_UNREACHABLE: entry<{ host: string; reason: string }>({
    title: "No engine answers",
    exitCode: exitCodes.environment,
    message: ({ host }) => `No engine answers at ${host}.`,
    hint: () => "Start Docker (or choose another: docker context use NAME), then: docker version",
  }),
  ENGINE_PERMISSION_DENIED: entry<{ host: string }>({
    title: "The engine's socket may not be opened",
    exitCode: exitCodes.environment,
    message: ({ host }) => `The engine's socket ${host} may not be opened by this user.`,
    hint: () => "Join the docker group and log in again: sudo usermod -aG docker $USER",
  }),
  CONTEXT_UNKNOWN: entry<{ context: string }>({
    title: "The docker context does not exist",
    exitCode: exitCodes.environment,
    message: ({ context }) => `There is no docker context named "${context}".`,
    hint: () => "See which there are: docker context ls; then choose one: docker context use NAME",
  }),
  BUILDX_TOO_OLD: entry<{ version: string }>({
    title: "The buildx plugin is too old",
    exitCode: exitCodes.environment,
    message: ({ version }) => `buildx ${version} is too old; Transship needs 0.13 or newer.`,
    hint: () =>
      "Upgrade the package docker-buildx (Debian, Ubuntu), docker-buildx-plugin (docker.com) or Docker Desktop.",
  }),
  BUILDX_MISSING: entry<{ engine: string }>({
    title: "The engine's client has no buildx",
    exitCode: exitCodes.environment,
    message: () => "docker has no buildx plugin, so nothing can be built for another platform.",
    hint: () =>
      "Install the package docker-buildx (Debian, Ubuntu) or docker-buildx-plugin (docker.com), then: docker buildx version",
  }),
  DOCKER_FAILED: entry<{ command: string; exitCode: number; output: string }>({
    title: "A docker command failed for a reason that has no code of its own",
    exitCode: exitCodes.tool,
    message: ({ command, exitCode, output }) =>
      `${command} failed with exit code ${exitCode}: ${output}`,
    hint: ({ command }) => `Run it yourself to see more: ${command}`,
  }),
  DISK_FULL: entry<{ where: string }>({
    title: "No space is left on the device",
    exitCode: exitCodes.environment,
    message: ({ where }) => `There is no space left on the device (${where}).`,
    hint: () =>
      "See what uses it: docker system df, transship store ls; then free some: docker buildx prune, transship store prune",
  }),
};
