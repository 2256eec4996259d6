import { buildCommand } from "@stricli/core";
import { exitCodes } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { switchFlag, textFlag } from "../flags.ts";
import { type ServerFlags, serverFlags } from "../server-flags.ts";
import { type CommonFlags, commonFlags, runVerb } from "../verb.ts";

interface LogsFlags extends CommonFlags, ServerFlags {
  readonly release?: string;
  readonly follow: boolean;
  readonly tail?: string;
  readonly since?: string;
}

const command = "transship logs";

export const logsCommand = buildCommand<LogsFlags, [], CliContext>({
  docs: {
    brief: "What a release says, of several servers at once",
    customUsage: ["[FLAGS] --to SERVER --app APP"],
    fullDescription: [
      "Prints what the container of the release that serves, or of another that is kept, writes to its standard output and error. Of several",
      "servers the lines come as they are said, each behind its server's name. With --json each line is a document of its own.",
      "",
      "Examples:",
      "  transship logs --to deploy@vps.example.org --app rustci -f",
      "  transship logs --to web1 --to web2 --app rustci --tail 100",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...commonFlags,
      ...serverFlags,
      release: textFlag("The release; default the one that serves", "RELEASE"),
      follow: switchFlag("Go on as it speaks"),
      tail: textFlag("How many lines from the end; default all", "N"),
      since: textFlag("Since when, as docker takes it: 10m, 2026-11-27T12:00:00", "TIME"),
    },
    aliases: { f: "follow", n: "tail", i: "identity" },
  },
  async func(flags) {
    const { stdout } = this.process;
    const isJson = flags.json || flags.format === "json";
    await runVerb(
      this,
      { ...flags, json: false, format: "text" },
      {
        command: "logs",
        subject: flags.app ?? "",
        async run(context) {
          const [{ logs }, { namedApp, namedServers, countOf }, { parseReleaseId }, { printable }] =
            await Promise.all([
              import("../../deploy/logs.ts"),
              import("../servers.ts"),
              import("../../deploy/names.ts"),
              import("../../report/printable.ts"),
            ]);
          const { app, release, follow: isFollowed, tail, since } = flags;
          const servers = namedServers(flags, command);
          const onLine = (server: string, line: string) => {
            const place = servers.length > 1 ? `${server} | ` : "";
            stdout.write(
              isJson ? `${JSON.stringify({ server, line })}\n` : `${place}${printable(line)}\n`,
            );
          };
          const named = namedApp(app, undefined, command);
          await logs(
            {
              app: named,
              servers,
              ...(release === undefined ? {} : { release: parseReleaseId(release) }),
              isFollowed,
              ...(tail === undefined ? {} : { tail: countOf(tail, "--tail", command) }),
              ...(since === undefined ? {} : { since }),
              onLine,
            },
            context,
          );
        },
        text: () => "",
        document: () => ({}),
        exitCode: () => exitCodes.done,
      },
    );
  },
});
