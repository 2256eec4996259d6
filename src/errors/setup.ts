import { entry, exitCodes } from "./entry.ts";

export const setupErrors = {
  BUILDER_MISSING: entry<{ builder: string }>({
    title: "The builder does not exist",
    exitCode: exitCodes.environment,
    message: ({ builder }) => `There is no builder named ${builder}.`,
    hint: () => "Create it: transship setup",
  }),
};
