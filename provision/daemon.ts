/** Programs that outlive the one that starts them, ended by their id. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open } from "node:fs/promises";
import path from "node:path";
import { isAlive } from "../src/process/alive.ts";
import { pauseFor } from "../src/process/wait.ts";
import type { Site } from "./site.ts";

/** Starts a program in a session of its own, its output in a file; it outlives this process. */
export async function startDaemon(
  site: Site,
  argv: readonly string[],
  log: string,
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  await mkdir(path.dirname(log), { recursive: true });
  const output = await open(log, "a");
  const [program = "", ...args] = argv;
  const child = spawn(program, args, {
    detached: true,
    stdio: ["ignore", output.fd, output.fd],
    env: { ...process.env, ...env },
  });
  await once(child, "spawn", { signal: site.signal });
  child.unref();
  await output.close();
  if (child.pid === undefined) throw new Error(`${argv.join(" ")} has no process id`);
  return child.pid;
}

/** Ends a daemon by its id: politely first. */
export async function stopDaemon(pid: number): Promise<void> {
  const never = new AbortController().signal;
  if (isAlive(pid)) process.kill(pid, "SIGTERM");
  for (let waited = 0; isAlive(pid); waited += 100) {
    if (waited === 20_000) process.kill(pid, "SIGKILL");
    await pauseFor(100, never);
  }
}
