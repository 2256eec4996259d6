import { entry, exitCodes } from "./entry.ts";

export const buildErrors = {
  CONTEXT_MISSING: entry<{ context: string }>({
    title: "The build context is not a directory",
    exitCode: exitCodes.usage,
    message: ({ context }) => `The build context ${context} is not a directory.`,
    hint: () => "Name the directory that holds your sources: transship build --context DIR",
  }),
};
