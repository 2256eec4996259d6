import { buildCommand } from "@stricli/core";
import { exitCodes } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { textFlag, textFlagWith } from "../flags.ts";
import { type ServerFlags, serverFlags } from "../server-flags.ts";
import { type CommonFlags, commonFlags, runVerb } from "../verb.ts";

interface ExecFlags extends CommonFlags, ServerFlags {
  readonly release?: string;
  readonly deadline: string;
}

const command = "transship exec";

export const execCommand = buildCommand<ExecFlags, string[], CliContext>({
  docs: {
    brief: "Run a command in the release that serves",
    customUsage: ["[FLAGS] --to SERVER --app APP -- COMMAND…"],
    fullDescription: [
      "Runs the command in the container of the release that serves, on each server, without a terminal and with an empty standard input.",
      "Its output is printed as it comes. Exit code 1 where it failed somewhere; --json has the command's own.",
      "",
      "Examples:",
      "  transship exec --to deploy@vps.example.org --app rustci -- bin/migrate --status",
      "  transship exec --to vps --app rustci --release 20261127-143012-1f2e3d4c5b6a -- uname -m",
    ].join("\n"),
  },
  parameters: {
    positional: {
      kind: "array",
      parameter: { parse: String, brief: "The command and its arguments", placeholder: "COMMAND" },
    },
    flags: {
      ...commonFlags,
      ...serverFlags,
      release: textFlag("The release; default the one that serves", "RELEASE"),
      deadline: textFlagWith("10m", "How long it may take", "SPAN"),
    },
    aliases: { i: "identity" },
  },
  async func(flags, ...words) {
    const { stdout, stderr } = this.process;
    const isJson = flags.json || flags.format === "json";
    await runVerb(this, flags, {
      command: "exec",
      subject: flags.app ?? "",
      async run(context) {
        const [{ execute }, { namedApp, namedServers }, { parseReleaseId }, { fail }, quantities] =
          await Promise.all([
            import("../../deploy/execute.ts"),
            import("../servers.ts"),
            import("../../deploy/names.ts"),
            import("../../errors.ts"),
            import("../quantities.ts"),
          ]);
        if (words.length === 0) throw fail("USAGE", { problem: "No command is named.", command });
        const { app, release, deadline } = flags;
        const servers = namedServers(flags, command);
        const onLine = (server: string, line: string) => {
          if (!isJson) stdout.write(`${servers.length > 1 ? `${server} | ` : ""}${line}\n`);
        };
        const done = await execute(
          {
            app: namedApp(app, undefined, command),
            servers,
            ...(release === undefined ? {} : { release: parseReleaseId(release) }),
            command: words,
            deadlineMs: quantities.parseSpan(deadline, "--deadline", command),
            onLine,
          },
          context,
        );
        if (!isJson) for (const one of done) stderr.write(one.stderr);
        return done;
      },
      text: (done) =>
        done
          .filter(({ exitCode }) => exitCode !== 0)
          .map(({ server, exitCode }) => `${server}: exit code ${exitCode}`)
          .join("\n"),
      document: (done) => ({ servers: done }),
      exitCode: (done) =>
        done.every(({ exitCode }) => exitCode === 0) ? exitCodes.done : exitCodes.failed,
    });
  },
});
