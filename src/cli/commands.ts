/** The verbs, in the order in which an image meets them. */
import { setupCommand } from "./commands/setup.ts";
import { verifyCommand } from "./commands/verify.ts";

export const commands = {
  setup: setupCommand,
  verify: verifyCommand,
};
