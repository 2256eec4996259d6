/** Runs one program: argv in, exit code and bounded output out. The only place that starts a process. */
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fail, isFailure } from "../errors.ts";
import { type Argv, formatCommand } from "./command.ts";

export interface RunOptions {
  /** Milliseconds; the program is ended when they have passed. */
  readonly deadlineMs?: number;
  /** What the program reads as standard input; nothing when absent. */
  readonly input?: string | Uint8Array | Readable;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Each line of standard error as it comes (without its end); standard error is kept as well. */
  readonly onErrorLine?: (line: string) => void;
  /** Replaces the runner's own signal, for work that must still be done after an interrupt. */
  readonly signal?: AbortSignal;
  /** Most bytes kept of standard output; more is an error. Default 16 MiB. */
  readonly limit?: number;
  /** What is sent when the run is cancelled; five seconds later comes SIGKILL. Default SIGTERM. */
  readonly cancelWith?: "SIGTERM" | "SIGINT";
}

/** A program that ran to its end, whatever its exit code says. */
export interface Finished {
  readonly argv: Argv;
  readonly exitCode: number;
  readonly stdout: string;
  /** The last 64 KiB. */
  readonly stderr: string;
  readonly durationMs: number;
}

/** A program whose standard output is read as it comes. */
export interface Streaming {
  readonly stdout: Readable;
  /** Settles when the program has ended; throws as {@link Runner.run} does. */
  readonly finished: Promise<Finished>;
}

/**
 * @throws DEADLINE_PASSED, INTERRUPTED or TERMINATED, DOCKER_MISSING (the docker command is not there), or the system's own error
 * when a program cannot be started. An exit code other than 0 is no error here: the caller knows what it means.
 */
export interface Runner {
  readonly signal: AbortSignal;
  run(argv: Argv, options?: RunOptions): Promise<Finished>;
  stream(argv: Argv, options?: RunOptions): Promise<Streaming>;
}

const errorTail = 64 * 1024;
const outputLimit = 16 * 1024 * 1024;

/** A runner whose programs end when the signal does. */
export function createRunner(signal: AbortSignal): Runner {
  const runner: Runner = {
    signal,
    async run(argv, options = {}) {
      const { finished } = await start(argv, options, signal, "keep");
      return finished;
    },
    async stream(argv, options = {}) {
      const { stdout, finished } = await start(argv, options, signal, "stream");
      if (stdout === undefined) throw new TypeError("the program has no standard output");
      // Whoever reads the stream sees its error first; this keeps the twin from being "unhandled".
      finished.catch(() => {});
      // Output that nobody reads in the same turn is thrown away (execa, lib/io/contents.js; node, flushStdio), so it is read.
      const kept = new PassThrough();
      pipeline(stdout, kept).catch(() => {});
      return { stdout: kept, finished };
    },
  };
  return runner;
}

async function start(
  argv: Argv,
  options: RunOptions,
  ownSignal: AbortSignal,
  output: "keep" | "stream",
) {
  const { execa } = await import("execa");
  const signal = options.signal ?? ownSignal;
  if (signal.aborted) throw cancelled(signal);
  const started = performance.now();
  const [program, ...args] = argv;
  const child = execa(program, args, {
    reject: false,
    stripFinalNewline: false,
    cancelSignal: signal,
    killSignal: options.cancelWith ?? "SIGTERM",
    forceKillAfterDelay: 5_000,
    killDescendants: true,
    maxBuffer: { stdout: options.limit ?? outputLimit, stderr: Number.POSITIVE_INFINITY },
    buffer: { stdout: output === "keep", stderr: false },
    ...(options.deadlineMs === undefined ? {} : { timeout: options.deadlineMs }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
  });
  const stderr = collectTail(child.stderr, options.onErrorLine);
  const finished = (async (): Promise<Finished> => {
    const result = await child;
    if (result.timedOut) {
      throw fail("DEADLINE_PASSED", {
        what: formatCommand(argv),
        seconds: (options.deadlineMs ?? 0) / 1000,
      });
    }
    if (result.isCanceled) throw cancelled(signal);
    if (result.isMaxBuffer || result.exitCode === undefined) throw unfinished(argv, result);
    return {
      argv,
      exitCode: result.exitCode,
      stdout: output === "keep" && typeof result.stdout === "string" ? result.stdout : "",
      stderr: await stderr,
      durationMs: performance.now() - started,
    };
  })();
  return { stdout: output === "stream" ? child.stdout : undefined, finished };
}

function cancelled(signal: AbortSignal) {
  const reason: unknown = signal.reason;
  return isFailure(reason) ? reason : fail("INTERRUPTED", { signal: "cancelled" });
}

function unfinished(
  argv: Argv,
  result: {
    readonly code?: string | undefined;
    readonly signal?: string | undefined;
    readonly isMaxBuffer: boolean;
  },
): Error {
  const [program] = argv;
  if (result.code === "ENOENT" && program === "docker") {
    return fail("DOCKER_MISSING", { path: process.env["PATH"] ?? "" });
  }
  if (result.isMaxBuffer)
    return new RangeError(`${formatCommand(argv)} printed more than its limit`);
  const why =
    result.signal === undefined ? (result.code ?? "for an unknown reason") : `by ${result.signal}`;
  return new Error(`${formatCommand(argv)} was ended ${why}`, { cause: result });
}

/** Keeps the last bytes of a stream as text, and hands on each line as it comes. */
async function collectTail(
  stream: Readable | null | undefined,
  onLine: ((line: string) => void) | undefined,
): Promise<string> {
  if (stream === null || stream === undefined) return "";
  const decoder = new TextDecoder();
  let tail = "";
  let line = "";
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    const text = decoder.decode(chunk, { stream: true });
    tail = (tail + text).slice(-errorTail);
    if (onLine === undefined) continue;
    const lines = (line + text).split(/\r?\n/);
    line = lines.pop() ?? "";
    for (const one of lines) onLine(one);
  }
  if (line !== "") onLine?.(line);
  return tail;
}
