/**
 * Undoing that survives us: a small process of its own that holds the other end of a pipe and carries out its commands
 * when we say so, or when the pipe closes because we were killed. It stands in a session of its own, so that neither
 * Ctrl-C nor a signal to our process group reaches it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { Argv } from "./command.ts";
import { programUrl } from "./program-url.ts";
import { pauseFor } from "./wait.ts";

/** One command that undoes something. */
export interface Cleanup {
  readonly command: Argv;
  /** Prints the words to add to the command; where it prints none, nothing is run. */
  readonly list?: Argv;
}

export interface Guard {
  /** Replaces what is to be done. */
  expect(cleanups: readonly Cleanup[]): void;
  /**
   * Has it done now: once, or (`thorough`, some 2 s) again and again, because a command that was interrupted may still
   * make what it makes. `false` when a command failed, or not all were done within that many milliseconds.
   */
  release(how: "once" | "thorough", deadlineMs: number): Promise<boolean>;
}

/** Starts the guard, which begins to hold the cleanups at once. */
export function startGuard(cleanups: readonly Cleanup[]): Guard {
  const program = fileURLToPath(programUrl("guarding", import.meta.url));
  const child = spawn(process.execPath, [program], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    windowsHide: true,
  });
  const ended = once(child, "exit");
  // A guard that cannot start or was killed is found when it is released; until then its errors say nothing more.
  ended.catch(() => {});
  child.stdin.on("error", () => {});
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  const send = (message: unknown) => child.stdin.write(`${JSON.stringify(message)}\n`);
  send({ expect: cleanups });
  return {
    expect: (next) => void send({ expect: next }),
    async release(how, deadlineMs) {
      child.ref();
      send({ release: how });
      child.stdin.end();
      const deadline = new AbortController();
      const late = pauseFor(deadlineMs, deadline.signal).catch(() => {});
      try {
        if (child.exitCode !== null || child.signalCode !== null) return child.exitCode === 0;
        const first = await Promise.race([ended, late]);
        return Array.isArray(first) && first[0] === 0;
      } catch {
        return false;
      } finally {
        deadline.abort();
        child.unref();
      }
    },
  };
}
