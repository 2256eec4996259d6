import { entry, exitCodes } from "./entry.ts";

export const compatErrors = {
  PORT_TAKEN: entry<{ port: number }>({
    title: "The port on this machine is in use",
    exitCode: exitCodes.environment,
    message: ({ port }) => `Port ${port} of this machine is already in use.`,
    hint: () => "Choose another, or 0 for any free one: transship test --port 0",
  }),
};
