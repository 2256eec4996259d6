/** What a command of the command line gets beside its flags. */
import type { ApplicationContext } from "@stricli/core";

export interface CliContext extends ApplicationContext {
  readonly process: CliProcess;
  /** Aborted by SIGINT and its kin. */
  readonly signal: AbortSignal;
}

/** The part of Node's `process` that stricli and the commands use. */
interface CliProcess {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string>>;
  /** Set by a command; stricli sets its own where no command ran. */
  exitCode?: number | string | null;
}

/** The adapter that stricli wants: the environment without its undefined values, an exit code that is a number. */
export function cliContext(signal: AbortSignal): CliContext {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined) env[name] = value;
  }
  return {
    process: { stdout: process.stdout, stderr: process.stderr, env },
    signal,
  };
}
