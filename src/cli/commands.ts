/** The verbs, in the order in which an image meets them. */
import { setupCommand } from "./commands/setup.ts";

export const commands = {
  setup: setupCommand,
};
