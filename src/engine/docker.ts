/** The docker command line, as a function of its arguments. Nothing outside `engine/` knows its flags. */
import { fail, isFailure } from "../errors.ts";
import { type Argv, formatCommand } from "../process/command.ts";
import type { Finished, Runner, RunOptions, Streaming } from "../process/run.ts";
import { engineFailure } from "./failure.ts";
import { lastLine } from "../process/last-line.ts";

/** An engine, reached through the docker command and its context or `DOCKER_HOST`. */
export interface Docker {
  readonly signal: AbortSignal;
  /** Runs `docker …` and expects exit code 0. @throws the error that {@link engineFailure} names. */
  run(args: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Runs `docker …` whatever its exit code; only an engine that cannot be reached is an error. */
  attempt(args: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Runs `docker …` and hands over its standard output as it comes. */
  stream(args: readonly string[], options?: RunOptions): Promise<Streaming>;
}

/** How long a question to the engine may take, in milliseconds, where the caller knows no better. */
const questionDeadlineMs = 60_000;

export function createDocker(runner: Runner): Docker {
  return {
    signal: runner.signal,
    async run(args, options = {}) {
      const finished = await runner.run(dockerArgv(args), withDeadline(options));
      if (finished.exitCode !== 0) throw dockerError(finished);
      return finished;
    },
    async attempt(args, options = {}) {
      const finished = await runner.run(dockerArgv(args), withDeadline(options));
      if (finished.exitCode === 0) return finished;
      const failure = engineFailure(finished);
      if (isFailure(failure)) throw failure;
      return finished;
    },
    stream: async (args, options = {}) => await runner.stream(dockerArgv(args), options),
  };
}

/** `docker` with those arguments: the argv that is run and shown. */
export function dockerArgv(args: readonly string[]): Argv {
  return ["docker", ...args];
}

/** The error for a docker command that ended with another exit code than 0. */
export function dockerError(finished: Finished): Error {
  return (
    engineFailure(finished) ??
    fail("DOCKER_FAILED", {
      command: formatCommand(finished.argv),
      exitCode: finished.exitCode,
      output: lastLine(finished.stderr),
    })
  );
}

function withDeadline(options: RunOptions): RunOptions {
  return { deadlineMs: questionDeadlineMs, ...options };
}
