import { addAbortSignal } from "node:stream";
import { buildCommand } from "@stricli/core";
import { exitCodes, fail } from "../../errors.ts";
import type { DockerfileText } from "../../lint/file.ts";
import type { Context } from "../../context.ts";
import type { LintOptions, LintResult } from "../../lint/lint.ts";
import type { CliContext } from "../context.ts";
import { listFlag, onFlag, switchFlag, textFlag, textFlagWith } from "../flags.ts";
import { parsePlatforms } from "../platforms.ts";
import { parseBuildArgs } from "../build-args.ts";
import { type CommonFlags, commonFlags, formatFlag, runVerb } from "../verb.ts";

type Format = "sarif" | "github";

interface LintFlags extends CommonFlags<Format> {
  readonly platform?: string;
  readonly target?: string;
  readonly context?: string;
  readonly online: boolean;
  readonly buildArg?: readonly string[];
  readonly buildkit: boolean;
  readonly fix: boolean;
  readonly dryRun: boolean;
  readonly stdin: boolean;
  readonly stdinFilename: string;
}

export const lintCommand = buildCommand<LintFlags, string[], CliContext>({
  docs: {
    brief: "Say what in a Dockerfile will break on another architecture",
    customUsage: ["[FLAGS] [DOCKERFILE…]"],
    fullDescription: [
      "Reads Dockerfiles as they are built for each platform: which stage runs where, what each variable is there, which commands",
      "are reached with which words. Needs no engine, and no network without --online; where an engine is there, BuildKit's own checks stand beside it.",
      "Every rule has its page in docs/lint.",
      "A finding that is meant so: # transship: ignore R7 because REASON, in a line before the instruction.",
      "Exit code 1: there are errors, after --fix such as remain.",
      "",
      "Examples:",
      "  transship lint",
      "  transship lint web/Dockerfile api/Dockerfile --platform linux/arm64",
      "  transship lint --build-arg VERSION=1.2 --target runtime",
      "  transship lint --fix --dry-run",
      "  transship lint --format sarif > lint.sarif",
      "  transship lint --stdin --stdin-filename web/Dockerfile --json < web/Dockerfile",
      "  transship lint --stdin --fix < Dockerfile      # the mended text on standard output, as formatters do",
    ].join("\n"),
  },
  parameters: {
    positional: {
      kind: "array",
      parameter: {
        brief:
          "Dockerfiles; those of compose.yaml and of bake files where none is named, else Dockerfile",
        parse: String,
        placeholder: "DOCKERFILE",
      },
    },
    flags: {
      ...commonFlags,
      format: formatFlag("sarif", "github"),
      platform: textFlag(
        "The platforms; default the project's, else linux/amd64,linux/arm64",
        "P,P",
      ),
      target: textFlag("The stage that is built; default the last", "STAGE"),
      online: switchFlag("Ask registries what a base's digest stands for"),
      context: textFlag("The build context; default the directory of each Dockerfile", "DIR"),
      buildArg: listFlag(
        "A build argument; a name alone has the environment's value",
        "NAME[=VALUE]",
      ),
      buildkit: onFlag("Ask BuildKit for its own checks, where an engine is there"),
      fix: switchFlag("Mend in the files what has one safe answer"),
      dryRun: switchFlag("With --fix: show what it would change, and write nothing"),
      stdin: switchFlag("Look at standard input instead of files"),
      stdinFilename: textFlagWith("Dockerfile", "What standard input is called in reports", "FILE"),
    },
    aliases: { c: "context" },
  },
  async func(flags, ...files) {
    const [{ lintDocument, lintText }, { lint }] = await Promise.all([
      import("../../report/lint.ts"),
      import("../../lint/lint.ts"),
    ]);
    /** Standard input comes out mended. */
    const isFilter = flags.stdin && flags.fix && !flags.dryRun;
    await runVerb<LintResult, Format>(this, flags, {
      command: "lint",
      subject: flags.stdin ? flags.stdinFilename : files.join(" ") || "Dockerfile",
      run: async (context) => {
        refuseContradictions(flags, files);
        const { target, context: contextDirectory, buildArg, buildkit, stdin, fix, dryRun } = flags;
        const { stdinFilename: name } = flags;
        const what = stdin
          ? { text: { name, ...(await readStandardInput(context.signal)) } }
          : await namedFiles(flags, files, context);
        const options = {
          platforms: parsePlatforms(flags.platform ?? "linux/amd64,linux/arm64"),
          online: flags.online,
          buildArgs: parseBuildArgs(buildArg ?? [], context.env),
          buildkit,
          ...(target === undefined ? {} : { target }),
          ...(contextDirectory === undefined ? {} : { contextDirectory }),
          ...(fix ? ({ fix: dryRun ? "plan" : "write" } as const) : {}),
        };
        return await lint({ ...what, ...options }, context);
      },
      // A filter that is content says nothing: editors take each word for a problem.
      text: (result, style) => lintText(result, style, { quiet: flags.quiet || isFilter }),
      document: (result) => ({
        ...lintDocument(result),
        ...(isFilter ? { output: mended(result) } : {}),
      }),
      formats: { sarif: renderSarif, github: renderCommands },
      filtered: (result) => (isFilter ? mended(result) : undefined),
      exitCode: ({ outcome }) => (outcome === "errors" ? exitCodes.failed : exitCodes.done),
    });
  },
});

/** Those that are named; else those of the project, for the platforms that it says where no flag does. */
async function namedFiles(
  { platform, target, context: directory }: LintFlags,
  files: readonly string[],
  context: Context,
): Promise<Pick<LintOptions, "files">> {
  if (files.length > 0) return { files };
  if (target !== undefined || directory !== undefined) return {};
  const { lintTargets } = await import("../lint-targets.ts");
  const found = await lintTargets(context);
  if (found.length === 0) return {};
  if (platform === undefined) return { files: found };
  return { files: found.map(({ platforms: _own, ...rest }) => rest) };
}

function mended({ files: [first] }: LintResult): string {
  return first?.text ?? "";
}

async function renderSarif(result: LintResult): Promise<string> {
  const [{ lintSarif }, { readManifest }] = await Promise.all([
    import("../../report/sarif.ts"),
    import("../manifest.ts"),
  ]);
  const { version, homepage } = await readManifest();
  const log = lintSarif(result, {
    version,
    ...(homepage === undefined ? {} : { homepage }),
    directory: process.cwd(),
  });
  return JSON.stringify(log, undefined, 2);
}

async function renderCommands(result: LintResult): Promise<string> {
  const { lintCommands } = await import("../../report/github.ts");
  return lintCommands(result);
}

/** @throws USAGE */
function refuseContradictions({ stdin, fix, dryRun }: LintFlags, files: readonly string[]): void {
  const problem =
    stdin && files.length > 0
      ? "--stdin takes the place of files: leave the one or the other out."
      : dryRun && !fix
        ? "--dry-run says what --fix would change: write both."
        : undefined;
  if (problem !== undefined) throw fail("USAGE", { problem, command: "transship lint" });
}

/** Reads no more than tells that it is too much for a Dockerfile. */
async function readStandardInput(signal: AbortSignal): Promise<DockerfileText> {
  const { dockerfileText, mostBytes } = await import("../../lint/lint.ts");
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of addAbortSignal(signal, process.stdin) as AsyncIterable<Buffer>) {
      pieces.push(piece);
      length += piece.length;
      if (length > mostBytes) break;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  return dockerfileText(Buffer.concat(pieces));
}
