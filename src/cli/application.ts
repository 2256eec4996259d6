/** The program: its commands, its help, its exit codes. */
import { readFile } from "node:fs/promises";
import {
  type Application,
  ArgumentScannerError,
  buildApplication,
  buildRouteMap,
  ExitCode as StricliExitCode,
  formatMessageForArgumentScannerError,
  run,
  text_en,
} from "@stricli/core";
import { exitCodes } from "../errors.ts";
import { complete, completionWord } from "./completion.ts";
import { type CliContext, cliContext } from "./context.ts";
import { commands } from "./commands.ts";

/** Runs one command line and returns its exit code. Never throws for what the user did. */
export async function runCommandLine(
  args: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const context = cliContext(signal);
  const [first, ...rest] = args;
  if (first === completionWord) await complete(application, rest, context);
  else await run(application, args, context);
  return exitCodeOf(Number(context.process.exitCode ?? exitCodes.done));
}

const application: Application<CliContext> = buildApplication(
  buildRouteMap({
    routes: commands,
    docs: {
      brief: "Build a container image on one architecture, run it on another, with proof",
      fullDescription: [
        "Build a container image on one architecture, run it on another, with proof.",
        "",
        "A first image, from nothing to tested:",
        "  transship setup",
        "  transship build -i rustci -t local-amd64",
        "  transship verify rustci:local-amd64",
        "  transship test rustci:local-amd64 --port 8080",
      ].join("\n"),
    },
  }),
  {
    name: "transship",
    versionInfo: { getCurrentVersion: currentVersion },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { caseStyle: "convert-camel-to-kebab", useAliasInUsageLine: false },
    localization: {
      text: {
        ...text_en,
        exceptionWhileParsingArguments: (error) => usageError(scannerMessage(error)),
        noCommandRegisteredForInput: ({ input, corrections }) =>
          usageError(`There is no command "${input}".${didYouMean(corrections)}`),
      },
    },
  },
);

function usageError(problem: string): string {
  return `error[USAGE]: ${problem}\n  → Read the commands, flags and examples: transship --help`;
}

function scannerMessage(error: unknown): string {
  if (error instanceof ArgumentScannerError) return formatMessageForArgumentScannerError(error, {});
  return error instanceof Error ? error.message : String(error);
}

function didYouMean(corrections: readonly string[]): string {
  return corrections.length === 0 ? "" : ` Did you mean ${corrections.join(" or ")}?`;
}

/** Stricli's own codes are negative; a process that exits with them would show 251 and 252. */
function exitCodeOf(code: number): number {
  switch (code) {
    case StricliExitCode.UnknownCommand:
    case StricliExitCode.InvalidArgument:
      return exitCodes.usage;
    case StricliExitCode.ContextLoadError:
    case StricliExitCode.CommandLoadError:
    case StricliExitCode.InternalError:
      return exitCodes.bug;
    default:
      return code;
  }
}

async function currentVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(
    await readFile(new URL("../../package.json", import.meta.url), "utf8"),
  );
  const isObject = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return isObject ? String(manifest.version) : "unknown";
}
