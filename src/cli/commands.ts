/** The verbs, in the order in which an image meets them. */
import { buildRouteMap, type Command } from "@stricli/core";
import { buildCommand } from "./commands/build.ts";
import { completionCommand } from "./commands/completion.ts";
import { deployCommand } from "./commands/deploy.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { lintCommand } from "./commands/lint.ts";
import { setupCommand } from "./commands/setup.ts";
import { shipCommand } from "./commands/ship.ts";
import { listCommand, pruneCommand } from "./commands/store.ts";
import { testCommand } from "./commands/test.ts";
import { verifyCommand } from "./commands/verify.ts";
import type { CliContext } from "./context.ts";

const storeCommands = {
  ls: withUsage(listCommand, "[FLAGS]"),
  prune: withUsage(pruneCommand, "[FLAGS]"),
};

export const commands = {
  setup: withUsage(setupCommand, "[FLAGS]"),
  lint: withUsage(lintCommand, "[FLAGS] [DOCKERFILE…]"),
  build: withUsage(buildCommand, "[FLAGS] [SERVICE…] [-- BUILDX FLAGS]"),
  verify: withUsage(verifyCommand, "[FLAGS] [IMAGE]"),
  test: withUsage(testCommand, "[FLAGS] [IMAGE]"),
  ship: withUsage(shipCommand, "[FLAGS] IMAGE SERVER…"),
  deploy: withUsage(deployCommand, "[FLAGS] --to SERVER --image IMAGE"),
  store: buildRouteMap<keyof typeof storeCommands, CliContext>({
    routes: storeCommands,
    docs: { brief: "List or prune the store that builds write into" },
  }),
  doctor: withUsage(doctorCommand, "[FLAGS]"),
  completion: completionCommand,
};

const { store: _store, ...verbs } = commands;

/** Every command by the words that lead to it. */
export const commandsByWords: Readonly<Record<string, Command<CliContext>>> = {
  ...verbs,
  "store ls": storeCommands.ls,
  "store prune": storeCommands.prune,
};

/** A short usage line in the list of all verbs: each has its flags in its own help. */
function withUsage(command: Command<CliContext>, usage: string): Command<CliContext> {
  return { ...command, formatUsageLine: ({ prefix }) => `${prefix.join(" ")} ${usage}` };
}
