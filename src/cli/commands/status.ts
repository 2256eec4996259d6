import { buildCommand } from "@stricli/core";
import { exitCodes } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { type ServerFlags, serverFlags } from "../server-flags.ts";
import { type CommonFlags, commonFlags, runVerb } from "../verb.ts";

interface StatusFlags extends CommonFlags, ServerFlags {}

async function optionsOf(flags: ServerFlags, command: string) {
  const { namedApp, namedServers } = await import("../servers.ts");
  return {
    app: namedApp(flags.app, undefined, command),
    servers: namedServers(flags, command),
  };
}

export const statusCommand = buildCommand<StatusFlags, [], CliContext>({
  docs: {
    brief: "What serves on the servers, how it is, and what the last deploy came to",
    customUsage: ["[FLAGS] --to SERVER --app APP"],
    fullDescription: [
      "Asks each server which release of the app gets the traffic, since when and of which image, what its health path answers right now,",
      "whether somebody is at work there, and what came of the last deploy. Exit code 1 where nothing serves, or what serves is not well.",
      "",
      "Examples:",
      "  transship status --to deploy@vps.example.org --app rustci",
      "  transship status --to web1 --to web2 --app rustci --json",
    ].join("\n"),
  },
  parameters: { flags: { ...commonFlags, ...serverFlags }, aliases: { i: "identity" } },
  async func(flags) {
    const { statusDocument, statusExit, statusText } = await import("../../report/status.ts");
    await runVerb(this, flags, {
      command: "status",
      subject: flags.app ?? "",
      async run(context) {
        const { status } = await import("../../deploy/status.ts");
        return await status(await optionsOf(flags, "transship status"), context);
      },
      text: statusText,
      document: statusDocument,
      exitCode: statusExit,
    });
  },
});

export const releasesCommand = buildCommand<StatusFlags, [], CliContext>({
  docs: {
    brief: "The releases that servers keep, the latest last",
    customUsage: ["[FLAGS] --to SERVER --app APP"],
    fullDescription: [
      "Lists the releases that served and are kept: to each of them `transship rollback` leads.",
      "",
      "Examples:",
      "  transship releases --to deploy@vps.example.org --app rustci",
    ].join("\n"),
  },
  parameters: { flags: { ...commonFlags, ...serverFlags }, aliases: { i: "identity" } },
  async func(flags) {
    const { releasesDocument, releasesText } = await import("../../report/status.ts");
    await runVerb(this, flags, {
      command: "releases",
      subject: flags.app ?? "",
      async run(context) {
        const { status } = await import("../../deploy/status.ts");
        return await status(await optionsOf(flags, "transship releases"), context);
      },
      text: releasesText,
      document: releasesDocument,
      exitCode: () => exitCodes.done,
    });
  },
});
