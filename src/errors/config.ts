import { entry, exitCodes } from "./entry.ts";

export const configErrors = {
  COMPOSE_MISSING: entry<{ file: string }>({
    title: "docker has no compose plugin to read the project's file with",
    exitCode: exitCodes.environment,
    message: ({ file }) => `docker has no compose plugin, so ${file} cannot be read.`,
    hint: () =>
      "Install the package docker-compose (Debian), docker-compose-v2 (Ubuntu) or docker-compose-plugin (docker.com), then: docker compose version; or leave the file out: transship build --image NAME",
  }),
  COMPOSE_INVALID: entry<{ file: string; problem: string }>({
    title: "docker compose does not take the project's file",
    exitCode: exitCodes.usage,
    message: ({ file, problem }) => `${file}: docker compose does not take it: ${problem}`,
    hint: () => "Mend it, then see whether it is taken: docker compose config --quiet",
  }),
  CONFIG_INVALID: entry<{ where: string; problem: string; others: readonly string[] }>({
    title: "The project's file says something that Transship cannot follow",
    exitCode: exitCodes.usage,
    message: ({ where, problem }) => `${where}: ${problem}`,
    hint: ({ others }) =>
      `${others.length === 0 ? "" : `Then ${others.join(" Then ")} `}Every key has its section in docs/configuration.md.`,
  }),
  SERVICE_UNKNOWN: entry<{ service: string; problem: string; known: readonly string[] }>({
    title: "The project has no such service to build or to deploy",
    exitCode: exitCodes.usage,
    message: ({ service, problem }) =>
      `There is no service ${service} to build or to deploy: ${problem}.`,
    hint: ({ known }) => `Name one of these: ${known.join(", ")}.`,
  }),
};
