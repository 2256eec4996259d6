/** How a verb ends for its reader: the JSON document, or the error with its next command. */
import { type ExitCode, exitCodes, isFailure } from "../errors.ts";
import { printable } from "./printable.ts";

/** The version of every JSON document; it changes when a key changes its meaning. */
const schemaVersion = 1;

export interface Envelope {
  readonly command: string;
  readonly subject: string;
  readonly durationMs: number;
}

/** The JSON document of a verb: `schemaVersion`, `command`, `subject`, `durationMs`, then the verb's own keys. */
export function renderDocument(
  { command, subject, durationMs }: Envelope,
  body: Readonly<Record<string, unknown>>,
): string {
  const envelope = { schemaVersion, command, subject, durationMs: Math.round(durationMs) };
  return JSON.stringify({ ...envelope, ...body }, undefined, 2);
}

interface RenderedFailure {
  readonly text: string;
  readonly document: Readonly<Record<string, unknown>>;
  readonly exitCode: ExitCode;
}

/** The error as one sentence and the next command; the stack only where it was asked for. */
export function renderFailure(
  error: unknown,
  {
    verbose,
    style,
  }: { readonly verbose: boolean; readonly style: (format: "red" | "dim", text: string) => string },
): RenderedFailure {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (isFailure(error)) {
    const { code, message, hint, facts, excerpt, exitCode } = error;
    const { log } = facts;
    const lines = [
      `${style("red", `error[${code}]:`)} ${printable(message)}`,
      ...excerpt.map((line) => `  ${line}`.trimEnd()),
      `  → ${printable(hint)}`,
      ...(typeof log === "string" ? [`  The whole log: ${log}`] : []),
    ];
    if (verbose) lines.push(style("dim", JSON.stringify(facts, undefined, 2)), style("dim", stack));
    return {
      text: lines.join("\n"),
      document: { code, message, hint, facts, ...(excerpt.length === 0 ? {} : { excerpt }) },
      exitCode,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  const hint = "This is a bug of Transship; run it again with --verbose and report what it prints.";
  return {
    text: [
      `${style("red", "error[BUG]:")} ${message}`,
      `  → ${hint}`,
      ...(verbose ? [stack] : []),
    ].join("\n"),
    document: { code: "BUG", message, hint, facts: {} },
    exitCode: exitCodes.bug,
  };
}
