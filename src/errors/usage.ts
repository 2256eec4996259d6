import { entry, exitCodes } from "./entry.ts";

export const usageErrors = {
  USAGE: entry<{ problem: string; command: string }>({
    title: "The command line cannot be understood",
    exitCode: exitCodes.usage,
    message: ({ problem }) => problem,
    hint: ({ command }) => `Read the flags and examples: ${command} --help`,
  }),
  PLATFORM_UNKNOWN: entry<{ platform: string; known: readonly string[] }>({
    title: "A platform that nothing is known about",
    exitCode: exitCodes.usage,
    message: ({ platform }) => `"${platform}" is not a platform that Transship knows.`,
    hint: ({ known }) => `Write os/architecture[/variant], one of: ${known.join(", ")}.`,
  }),
  REFERENCE_INVALID: entry<{ reference: string; problem: string }>({
    title: "An image name that no engine or registry would take",
    exitCode: exitCodes.usage,
    message: ({ reference, problem }) => `"${reference}" is not an image name: ${problem}.`,
    hint: () =>
      "Write [registry/]name[:tag][@digest] in lower case, for example rustci:local-amd64.",
  }),
  DEADLINE_PASSED: entry<{ what: string; seconds: number }>({
    title: "A wait took longer than its deadline",
    exitCode: exitCodes.tool,
    message: ({ what, seconds }) => `${what} did not finish within ${seconds} s.`,
    hint: () => "Run it again with --verbose to see what it was waiting for.",
  }),
  INTERRUPTED: entry<{ signal: string }>({
    title: "Interrupted from the keyboard",
    exitCode: exitCodes.interrupted,
    message: ({ signal }) => `Interrupted (${signal}).`,
    hint: () => "Nothing was left behind; run the same command again when you are ready.",
  }),
  TERMINATED: entry<{ signal: string }>({
    title: "Ended by another process",
    exitCode: exitCodes.terminated,
    message: ({ signal }) => `Ended by ${signal}.`,
    hint: () => "Nothing was left behind; run the same command again when you are ready.",
  }),
};
