import { entry, exitCodes } from "./entry.ts";

export const compatErrors = {
  PORT_TAKEN: entry<{ port: number }>({
    title: "The port on this machine is in use",
    exitCode: exitCodes.environment,
    message: ({ port }) => `Port ${port} of this machine is already in use.`,
    hint: () => "Choose another, or 0 for any free one: transship test --port 0",
  }),
  CONTAINER_NAME_TAKEN: entry<{ name: string }>({
    title: "A container has that name already",
    exitCode: exitCodes.environment,
    message: ({ name }) => `There is a container named ${name} already.`,
    hint: ({ name }) => `Choose another (--name), or remove that one: docker rm --force ${name}`,
  }),
};
