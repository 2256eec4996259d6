/** The verbs, in the order in which an image meets them. */
import { buildCommand } from "./commands/build.ts";
import { completionCommand } from "./commands/completion.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { setupCommand } from "./commands/setup.ts";
import { testCommand } from "./commands/test.ts";
import { verifyCommand } from "./commands/verify.ts";

export const commands = {
  setup: setupCommand,
  build: buildCommand,
  verify: verifyCommand,
  test: testCommand,
  doctor: doctorCommand,
  completion: completionCommand,
};
