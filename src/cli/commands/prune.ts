import { buildCommand } from "@stricli/core";
import { exitCodes } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { switchFlag, textFlag } from "../flags.ts";
import { type ServerFlags, serverFlags } from "../server-flags.ts";
import { type CommonFlags, commonFlags, runVerb } from "../verb.ts";

interface PruneFlags extends CommonFlags, ServerFlags {
  readonly keep?: string;
  readonly dryRun: boolean;
}

interface RemoveFlags extends CommonFlags, ServerFlags {
  readonly yes: boolean;
}

export const pruneReleasesCommand = buildCommand<PruneFlags, [], CliContext>({
  docs: {
    brief: "Remove the releases that a server need not keep",
    customUsage: ["[FLAGS] --to SERVER --app APP"],
    fullDescription: [
      "Removes all but the latest releases of the app, with their containers and the names that protect their images, and containers that",
      "an operation left which was broken off. The one that serves stays. Images go with `docker image prune` there, once nothing names them.",
      "",
      "Examples:",
      "  transship prune --to deploy@vps.example.org --app rustci --keep 2",
      "  transship prune --to vps --app rustci --dry-run",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...commonFlags,
      ...serverFlags,
      keep: textFlag(
        "How many releases stay, the one that serves among them; default as its deploys say",
        "N",
      ),
      dryRun: switchFlag("Say what would go, and remove nothing"),
    },
    aliases: { i: "identity" },
  },
  async func(flags) {
    const { prunedDocument, prunedText } = await import("../../report/pruned.ts");
    await runVerb(this, flags, {
      command: "prune",
      subject: flags.app ?? "",
      async run(context) {
        const command = "transship prune";
        const { prune } = await import("../../deploy/prune.ts");
        const { countOf, namedApp, namedServers } = await import("../servers.ts");
        const options = {
          app: namedApp(flags.app, undefined, command),
          servers: namedServers(flags, command),
          ...(flags.keep === undefined ? {} : { keep: countOf(flags.keep, "--keep", command) }),
          dryRun: flags.dryRun,
        };
        return await prune(options, context);
      },
      text: (pruned) => prunedText(pruned, flags.dryRun),
      document: prunedDocument,
      exitCode: () => exitCodes.done,
    });
  },
});

export const removeCommand = buildCommand<RemoveFlags, [], CliContext>({
  docs: {
    brief: "Take an app off a server, with all its releases",
    customUsage: ["[FLAGS] --to SERVER --app APP --yes"],
    fullDescription: [
      "Ends the app and removes its containers, its network, its releases and what is written down of it. Volumes and images stay.",
      "Without --yes it says what would go, and does nothing.",
      "",
      "Examples:",
      "  transship remove --to deploy@vps.example.org --app rustci --yes",
    ].join("\n"),
  },
  parameters: {
    flags: { ...commonFlags, ...serverFlags, yes: switchFlag("Do it") },
    aliases: { i: "identity", y: "yes" },
  },
  async func(flags) {
    const { prunedDocument, prunedText } = await import("../../report/pruned.ts");
    await runVerb(this, flags, {
      command: "remove",
      subject: flags.app ?? "",
      async run(context) {
        const command = "transship remove";
        const { prune } = await import("../../deploy/prune.ts");
        const { namedApp, namedServers } = await import("../servers.ts");
        const options = {
          app: namedApp(flags.app, undefined, command),
          servers: namedServers(flags, command),
          keep: 0,
          dryRun: !flags.yes,
        };
        return await prune(options, context);
      },
      text: (pruned) => prunedText(pruned, !flags.yes),
      document: prunedDocument,
      exitCode: () => exitCodes.done,
    });
  },
});
