/** The verbs, in the order in which an image meets them. */
import type { Command } from "@stricli/core";
import { buildCommand } from "./commands/build.ts";
import { completionCommand } from "./commands/completion.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { setupCommand } from "./commands/setup.ts";
import { testCommand } from "./commands/test.ts";
import { verifyCommand } from "./commands/verify.ts";
import type { CliContext } from "./context.ts";

export const commands = {
  setup: withUsage(setupCommand, "[FLAGS]"),
  build: withUsage(buildCommand, "[FLAGS] [-- BUILDX FLAGS]"),
  verify: withUsage(verifyCommand, "[FLAGS] [IMAGE]"),
  test: withUsage(testCommand, "[FLAGS] [IMAGE]"),
  doctor: withUsage(doctorCommand, "[FLAGS]"),
  completion: completionCommand,
};

/** A short usage line in the list of all verbs: each has its flags in its own help. */
function withUsage(command: Command<CliContext>, usage: string): Command<CliContext> {
  return { ...command, formatUsageLine: ({ prefix }) => `${prefix.join(" ")} ${usage}` };
}
