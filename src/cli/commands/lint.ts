import { buildCommand } from "@stricli/core";
import { exitCodes, fail } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { listFlag, switchFlag, textFlag, textFlagWith } from "../flags.ts";
import { parsePlatforms } from "../platforms.ts";
import { type CommonFlags, commonFlags, runVerb } from "../verb.ts";

interface LintFlags extends CommonFlags {
  readonly platform: string;
  readonly target?: string;
  readonly context?: string;
  readonly buildArg?: readonly string[];
  readonly stdin: boolean;
  readonly stdinFilename: string;
}

export const lintCommand = buildCommand<LintFlags, string[], CliContext>({
  docs: {
    brief: "Say what in a Dockerfile will break on another architecture",
    customUsage: ["[FLAGS] [DOCKERFILE…]"],
    fullDescription: [
      "Reads Dockerfiles as they are built for each platform: which stage runs where, what each variable is there, which commands",
      "are reached with which words. Needs no engine and no network. Every rule has its page in docs/lint.",
      "A finding that is meant so: # transship: ignore R7 because REASON, in a line before the instruction.",
      "Exit code 1: there are errors.",
      "",
      "Examples:",
      "  transship lint",
      "  transship lint web/Dockerfile api/Dockerfile --platform linux/arm64",
      "  transship lint --build-arg VERSION=1.2 --target runtime",
      "  transship lint --stdin --stdin-filename web/Dockerfile < web/Dockerfile",
    ].join("\n"),
  },
  parameters: {
    positional: {
      kind: "array",
      parameter: {
        brief: "Dockerfiles; Dockerfile where none is named",
        parse: String,
        placeholder: "DOCKERFILE",
      },
    },
    flags: {
      ...commonFlags,
      platform: textFlagWith(
        "linux/amd64,linux/arm64",
        "The platforms that it is built for",
        "P,P",
      ),
      target: textFlag("The stage that is built; default the last", "STAGE"),
      context: textFlag("The build context; default the directory of each Dockerfile", "DIR"),
      buildArg: listFlag("A build argument", "NAME=VALUE"),
      stdin: switchFlag("Look at standard input instead of files"),
      stdinFilename: textFlagWith("Dockerfile", "What standard input is called in reports", "FILE"),
    },
    aliases: { c: "context" },
  },
  async func(flags, ...files) {
    const { lintDocument, lintText } = await import("../../report/lint.ts");
    await runVerb(this, flags, {
      command: "lint",
      subject: flags.stdin ? flags.stdinFilename : files.join(" ") || "Dockerfile",
      run: async (context) => {
        const { lint } = await import("../../lint/lint.ts");
        const { target, context: contextDirectory, buildArg, stdin, stdinFilename: name } = flags;
        if (stdin && files.length > 0) {
          const problem = "--stdin takes the place of files: leave the one or the other out.";
          throw fail("USAGE", { problem, command: "transship lint" });
        }
        const what = stdin
          ? { text: { name, content: await readStandardInput() } }
          : files.length === 0
            ? {}
            : { files };
        const options = {
          platforms: parsePlatforms(flags.platform),
          buildArgs: parseBuildArgs(buildArg ?? []),
          ...(target === undefined ? {} : { target }),
          ...(contextDirectory === undefined ? {} : { contextDirectory }),
        };
        return await lint({ ...what, ...options }, context);
      },
      text: lintText,
      document: lintDocument,
      exitCode: ({ outcome }) => (outcome === "errors" ? exitCodes.failed : exitCodes.done),
    });
  },
});

/** @throws USAGE */
function parseBuildArgs(given: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    given.map((text) => {
      const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined) {
        const problem = `--build-arg ${JSON.stringify(text)}: write NAME=VALUE.`;
        throw fail("USAGE", { problem, command: "transship lint" });
      }
      return [name, value];
    }),
  );
}

/** As much as a Dockerfile may have, and one piece more. */
async function readStandardInput(): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of process.stdin as AsyncIterable<Buffer>) {
    pieces.push(piece);
    length += piece.length;
    if (length > 4 * 1024 * 1024) break;
  }
  return Buffer.concat(pieces).toString("utf8");
}
