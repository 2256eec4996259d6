/** The program: its commands, its help, its exit codes. */
import {
  type Application,
  buildApplication,
  buildRouteMap,
  ExitCode as StricliExitCode,
  run,
  text_en,
} from "@stricli/core";
import { exitCodes, fail } from "../errors.ts";
import { plain } from "../report/style.ts";
import { complete, completionWord } from "./completion.ts";
import { type CliContext, cliContext } from "./context.ts";
import { commands, commandsByWords } from "./commands.ts";
import { didYouMean, scannerProblem } from "./problem.ts";

export { fail } from "../errors.ts";

/** Runs one command line and returns its exit code. Never throws for what the user did. */
export async function runCommandLine(
  args: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const started = performance.now();
  const context = cliContext(signal);
  const problems: string[] = [];
  const command = commandIn(args);
  const application = applicationOf(command, (problem) => problems.push(problem));
  const [first, ...rest] = args;
  if (first === completionWord) await complete(application, rest, context);
  else await run(application, args, context);
  const [problem] = problems;
  if (problem !== undefined && asksForJson(args)) {
    const { renderDocument, renderFailure } = await import("../report/outcome.ts");
    const { document } = renderFailure(usageError(command, problem), {
      verbose: false,
      style: plain,
    });
    const envelope = { command, subject: "", durationMs: performance.now() - started };
    context.process.stdout.write(`${renderDocument(envelope, { error: document })}\n`);
  }
  return exitCodeOf(Number(context.process.exitCode ?? exitCodes.done));
}

/** `onProblem` gets what is wrong with a command line that the library cannot parse, in a sentence; it is one of that command. */
function applicationOf(
  command: string,
  onProblem: (problem: string) => void,
): Application<CliContext> {
  const told = (problem: string) => {
    onProblem(problem);
    const { code, message, hint } = usageError(command, problem);
    return `error[${code}]: ${message}\n  → ${hint}`;
  };
  return buildApplication(program, {
    name: "transship",
    versionInfo: { getCurrentVersion: currentVersion },
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { caseStyle: "convert-camel-to-kebab", useAliasInUsageLine: false },
    localization: {
      text: {
        ...text_en,
        exceptionWhileParsingArguments: (error) => told(scannerProblem(error)),
        noCommandRegisteredForInput: ({ input, corrections }) =>
          told(`There is no command "${input}".${didYouMean(corrections)}`),
      },
    },
  });
}

const program = buildRouteMap<keyof typeof commands, CliContext>({
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
});

function usageError(command: string, problem: string) {
  return fail("USAGE", { problem, command: `transship ${command}`.trim() });
}

/** A command line that cannot be parsed says all the same what standard output is to hold. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const own = end === -1 ? args : args.slice(0, end);
  return own.some(
    (word, n) =>
      ["--json", "--format=json"].includes(word) || (word === "--format" && own[n + 1] === "json"),
  );
}

/** `build`, `store prune`; empty where there is no such command. */
function commandIn([first = "", second = ""]: readonly string[]): string {
  const words = [first, `${first} ${second}`];
  return words.find((one) => Object.hasOwn(commandsByWords, one)) ?? "";
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
  const { readManifest } = await import("./manifest.ts");
  return (await readManifest()).version;
}
