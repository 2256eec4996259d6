/** What all verbs share at the command line: the common flags, and what a session wants of a verb. */
import type { Context } from "../context.ts";
import type { ExitCode } from "../errors.ts";
import type { Style } from "../report/style.ts";
import type { CliContext } from "./context.ts";
import { switchFlag } from "./flags.ts";

/** `Format`: the formats that a verb has beside those of all. */
export interface CommonFlags<Format extends string = never> {
  readonly format: "text" | "json" | Format;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

export const commonFlags = {
  format: {
    kind: "enum",
    values: ["text", "json"],
    default: "text",
    brief: "What standard output holds",
  },
  json: switchFlag("Short for --format json"),
  verbose: switchFlag("Say more while it works, and where an error came from"),
  quiet: switchFlag("Say only what is wrong"),
} as const;

/** `--format` of a verb that has more formats than all others. */
export function formatFlag<Format extends string>(...more: readonly Format[]) {
  const { values, ...flag } = commonFlags.format;
  return { ...flag, values: [...values, ...more] };
}

/** A verb's way from its flags to standard output. */
export interface Verb<Result, Format extends string = never> {
  /** Its name, `command` of the JSON document. */
  readonly command: string;
  /** What it works on, `subject` of the JSON document. */
  readonly subject: string;
  run(context: Context): Promise<Result>;
  /** The result for people; `style` colours where standard output takes colour. */
  text(result: Result, style: Style): string;
  /** The result for machines: the keys beside `schemaVersion`, `command`, `subject` and `durationMs`. */
  document(result: Result): Readonly<Record<string, unknown>>;
  /** The result in the formats that the verb has beside those of all. An error is told on standard error alone there. */
  readonly formats?: Readonly<Record<Format, (result: Result) => string | Promise<string>>>;
  /** What standard output holds to the byte where the verb is a filter, in the format text; what it has to say goes to standard error then. */
  filtered?(result: Result): string | undefined;
  exitCode(result: Result): ExitCode;
  /** How its tasks are shown; absent where it has none. */
  readonly progress?: ProgressMode;
}

/** `auto` is drawn again and again on a terminal, and written line by line elsewhere. */
export const progressModes = ["auto", "plain", "rawjson", "quiet"] as const;
export type ProgressMode = (typeof progressModes)[number];

/** Runs a verb for the command line: progress and errors to standard error, the result to standard output. */
export async function runVerb<Result, Format extends string = never>(
  cli: CliContext,
  flags: CommonFlags<Format>,
  verb: Verb<Result, Format>,
): Promise<void> {
  // With it comes what help and completion do without.
  const { runSession } = await import("./session.ts");
  await runSession(cli, flags, verb);
}
