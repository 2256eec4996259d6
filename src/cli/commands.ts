/** The verbs, in the order in which an image meets them. */
import { buildRouteMap, type Command } from "@stricli/core";
import { buildCommand } from "./commands/build.ts";
import { completionCommand } from "./commands/completion.ts";
import { deployCommand } from "./commands/deploy.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { execCommand } from "./commands/exec.ts";
import { lintCommand } from "./commands/lint.ts";
import { logsCommand } from "./commands/logs.ts";
import { pruneReleasesCommand, removeCommand } from "./commands/prune.ts";
import { rollbackCommand } from "./commands/rollback.ts";
import { setupCommand } from "./commands/setup.ts";
import { shipCommand } from "./commands/ship.ts";
import { releasesCommand, statusCommand } from "./commands/status.ts";
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
  rollback: withUsage(rollbackCommand, "[FLAGS] --to SERVER --app APP [RELEASE]"),
  status: withUsage(statusCommand, "[FLAGS] --to SERVER --app APP"),
  releases: withUsage(releasesCommand, "[FLAGS] --to SERVER --app APP"),
  logs: withUsage(logsCommand, "[FLAGS] --to SERVER --app APP"),
  exec: withUsage(execCommand, "[FLAGS] --to SERVER --app APP -- COMMAND…"),
  prune: withUsage(pruneReleasesCommand, "[FLAGS] --to SERVER --app APP"),
  remove: withUsage(removeCommand, "[FLAGS] --to SERVER --app APP --yes"),
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
