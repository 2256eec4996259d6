import { buildCommand } from "@stricli/core";
import type { CliContext } from "../context.ts";
import { switchFlag, textFlag } from "../flags.ts";
import { type ServerFlags, serverFlags } from "../server-flags.ts";
import { type CommonFlags, commonFlags, runVerb } from "../verb.ts";

interface RollbackFlags extends CommonFlags, ServerFlags {
  readonly keep?: string;
  readonly forceUnlock: boolean;
}

const command = "transship rollback";

export const rollbackCommand = buildCommand<RollbackFlags, [string?], CliContext>({
  docs: {
    brief: "Go back to a release that a server keeps, by its own configuration",
    customUsage: ["[FLAGS] --to SERVER --app APP [RELEASE]"],
    fullDescription: [
      "The container of the release, which was stopped and kept, gets the traffic again; where it is gone it is made again from what was",
      "written down of it then: the same image, arguments and environment, not today's. It is watched like any deploy, and where it fails",
      "the release that served until now comes back (exit code 6). Without RELEASE it is the one that served before.",
      "",
      "Examples:",
      "  transship rollback --to deploy@vps.example.org --app rustci",
      "  transship rollback --to vps --app rustci 20261127-143012-1f2e3d4c5b6a",
    ].join("\n"),
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        {
          parse: String,
          brief: "The release; default the one before",
          placeholder: "RELEASE",
          optional: true,
        },
      ],
    },
    flags: {
      ...commonFlags,
      ...serverFlags,
      keep: textFlag("How many releases stay on a server; default as many as the deploy kept", "N"),
      forceUnlock: switchFlag("End whoever is at work there"),
    },
    aliases: { i: "identity" },
  },
  async func(flags, release) {
    const { releaseDocument, releaseExit, releaseText } = await import("../../report/deploy.ts");
    await runVerb(this, flags, {
      command: "rollback",
      subject: flags.app ?? "",
      async run(context) {
        const [{ rollback }, { countOf, namedApp, namedServers }, { parseReleaseId }] =
          await Promise.all([
            import("../../deploy/rollback.ts"),
            import("../servers.ts"),
            import("../../deploy/names.ts"),
          ]);
        const options = {
          app: namedApp(flags.app, undefined, command),
          servers: namedServers(flags, command),
          ...(release === undefined ? {} : { release: parseReleaseId(release) }),
          ...(flags.keep === undefined ? {} : { keep: countOf(flags.keep, "--keep", command) }),
          isForced: flags.forceUnlock,
        };
        return await rollback(options, context);
      },
      text: releaseText,
      document: releaseDocument,
      exitCode: releaseExit,
    });
  },
});
