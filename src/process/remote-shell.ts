/**
 * A POSIX shell on a server, for as long as its ssh connection stands: scripts in, what they printed out, one after the other. One
 * connection serves them all, and carries a port of ours to the server beside them (OpenSSH's `-R`).
 *
 * The login shell, whatever it is, sees nothing but the word `sh`. When this process dies, its end of the pipe closes, the shell reads
 * the end of its input and ends, and with it the connection and the port.
 */
import { randomBytes } from "node:crypto";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { fail, isFailure, type TransshipError } from "../errors.ts";
import { createFrames, type Frame } from "./frames.ts";
import { isSystemError } from "./system-error.ts";
import { type SshTarget, sshFailure, sshShellArgv, sshTargetText } from "./ssh.ts";

export interface RemoteShellOptions {
  /** A port of this machine's loopback that the server's loopback is to have; which port it has there, ssh says. */
  readonly forward?: number;
  /** Ends the connection. */
  readonly signal: AbortSignal;
  /** Of ssh; absent: this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds that ssh may take to end when its input has; default 5,000. */
  readonly endMs?: number;
}

interface ScriptOptions {
  /** Milliseconds; the connection is ended when they have passed, for nothing else ends what runs there. */
  readonly deadlineMs: number;
  /** What it is, as the subject of a sentence: "docker pull on me@server". */
  readonly what: string;
  /** Each line of standard output as it comes. */
  readonly onLine?: (line: string) => void;
  /** Whether it is told to end (SIGTERM) when the connection does, which a shell otherwise sees only between two scripts. */
  readonly isWatched?: boolean;
}

/** What a script came to. */
export interface Ran {
  readonly exitCode: number;
  /** At most 4 MiB; what is more is left out from its front. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface RemoteShell {
  /**
   * Runs a script in a subshell of its own, its standard input empty.
   * @throws the errors of ssh, SSH_MISSING, SSH_LOST, DEADLINE_PASSED, the signal's reason
   */
  run(script: string, options: ScriptOptions): Promise<Ran>;
  /** The port on the server's loopback; `undefined` where the server forbids it. Known when the first script has run. */
  forwardedPort(): number | undefined;
  /** Ends the connection, and waits until ssh has. */
  close(): Promise<void>;
}

/** Starts to connect; whether it comes to something is told by the first script. */
export function openRemoteShell(target: SshTarget, options: RemoteShellOptions): RemoteShell {
  const [program, ...args] = sshShellArgv(target, options.forward);
  const child = spawn(program, args, { stdio: "pipe", windowsHide: true, env: options.env });
  const connection = new Connection(child, target, options);
  return {
    run: async (script, wishes) => await connection.run(script, wishes),
    forwardedPort: () => connection.port,
    close: async () => await connection.close(),
  };
}

/** How long ssh's output is waited for when it has ended. */
const releaseMs = 500;

class Connection {
  port: number | undefined;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #target: SshTarget;
  readonly #signal: AbortSignal;
  readonly #endMs: number;
  readonly #frames = createFrames(randomBytes(12).toString("hex"));
  readonly #ended: Promise<unknown>;
  #lost: Error | undefined;
  #onLost: ((error: Error) => void) | undefined;
  #isUnwatched = false;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    child: ChildProcessWithoutNullStreams,
    target: SshTarget,
    { forward, signal, env = process.env, endMs = 5_000 }: RemoteShellOptions,
  ) {
    this.#child = child;
    this.#target = target;
    this.#signal = signal;
    this.#endMs = endMs;
    this.#ended = once(child, "close").catch(() => {});
    child.stdin.on("error", () => {});
    child.stdout.on("data", (bytes: Buffer) => this.#frames.stdout(bytes));
    child.stderr.on("data", (bytes: Buffer) => this.#frames.stderr(bytes));
    this.#frames.onErrorLine = (line) => {
      const to = forward === undefined ? "" : `remote forward to 127.0.0.1:${forward}`;
      const [, port] = /^Allocated port (\d+) for (.*?)\r?$/.exec(line) ?? [];
      if (port !== undefined && to !== "" && line.includes(to)) this.port = Number(port);
    };
    child.once("error", (error) => {
      const isMissing = isSystemError(error, "ENOENT");
      const path = env["PATH"] ?? "";
      this.#lose(isMissing ? fail("SSH_MISSING", { path }, { cause: error }) : error);
    });
    child.once("exit", () => this.#letGo());
    child.once("close", (code) => this.#lose(this.#failureOf(code)));
    signal.addEventListener("abort", this.#abort, { once: true });
    if (signal.aborted) this.#abort();
  }

  readonly #abort = () => {
    const reason: unknown = this.#signal.reason;
    this.#lose(isFailure(reason) ? reason : fail("INTERRUPTED", { signal: "cancelled" }));
    this.#child.kill("SIGTERM");
  };

  async run(script: string, options: ScriptOptions): Promise<Ran> {
    const turn = this.#queue.then(async () => await this.#runNow(script, options));
    this.#queue = turn.catch(() => {});
    return await turn;
  }

  async #runNow(script: string, options: ScriptOptions): Promise<Ran> {
    const { deadlineMs, what, onLine, isWatched = false } = options;
    const text = isWatched ? this.#frames.wrapWatched(script) : this.#frames.wrap(script);
    this.#isUnwatched = !isWatched;
    const frame = new Promise<Frame>((resolve, reject) => {
      this.#onLost = reject;
      this.#frames.next({ done: resolve, ...(onLine === undefined ? {} : { onLine }) });
      if (this.#lost === undefined) this.#child.stdin.write(text);
      else reject(this.#lost);
    });
    const timer = setTimeout(() => {
      this.#lose(fail("DEADLINE_PASSED", { what, seconds: deadlineMs / 1000 }));
      this.#child.kill("SIGTERM");
    }, deadlineMs);
    try {
      const ran = await frame;
      if (isWatched) this.#child.stdin.write(this.#frames.release);
      return ran;
    } finally {
      clearTimeout(timer);
      this.#onLost = undefined;
      this.#isUnwatched = false;
    }
  }

  async close(): Promise<void> {
    this.#lost ??= fail("INTERRUPTED", { signal: "closed" });
    this.#signal.removeEventListener("abort", this.#abort);
    this.#child.stdin.end();
    // A script that is not watched would go on to its end, for which nobody waits any more.
    if (this.#isUnwatched) this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), this.#endMs);
    await this.#ended;
    clearTimeout(timer);
  }

  /** What ssh has left behind (a ProxyCommand, a master) may hold its output for as long as it likes. */
  #letGo(): void {
    const { stdout, stderr } = this.#child;
    const timer = setTimeout(() => {
      stdout.destroy();
      stderr.destroy();
    }, releaseMs);
    this.#child.once("close", () => clearTimeout(timer));
  }

  #lose(error: Error): void {
    this.#lost ??= error;
    this.#onLost?.(this.#lost);
  }

  /** Why ssh ended, by its own words. */
  #failureOf(code: number | null): TransshipError {
    const words = this.#frames.lastWords();
    const target = sshTargetText(this.#target);
    const said = sshFailure(this.#target, words);
    const hasBegun = this.#frames.hasBegun();
    if (said !== undefined && !hasBegun) return said;
    const reason = words.trim().split(/\r?\n/).at(-1) ?? "";
    if (hasBegun) return fail("SSH_LOST", { target, reason: reason || "it ended" });
    const exitCode = code ?? 255;
    return fail("SSH_NO_SHELL", { target, exitCode, reason: reason || "it says nothing" });
  }
}
