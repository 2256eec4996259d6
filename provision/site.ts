/** What provisioning works with: the runner, the voice, and a cache outside the checkout. */
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { fail } from "../src/errors.ts";
import { isAlive } from "../src/process/alive.ts";
import type { Argv } from "../src/process/command.ts";
import { createRunner, type Finished, type RunOptions } from "../src/process/run.ts";
import { pauseFor } from "../src/process/wait.ts";
import { cacheDirectory } from "../src/store/directory.ts";

export interface Site {
  readonly signal: AbortSignal;
  /** One line a step. */
  readonly report: (line: string) => void;
  /** Where built things are kept between runs: `$XDG_CACHE_HOME/transship-provision`. */
  readonly cache: string;
  /** Runs a program whatever its exit code. */
  attempt(argv: Argv, options?: RunOptions): Promise<Finished>;
  /** Runs a program. @throws with its last words when its exit code is not 0. */
  run(argv: Argv, options?: RunOptions): Promise<Finished>;
}

/** Something that this machine cannot have, with the sentence that says what to do about it. */
export interface Cannot {
  readonly outcome: "cannot";
  readonly reason: string;
}

export function cannot(reason: string): Cannot {
  return { outcome: "cannot", reason };
}

/** Where `cache` is given, built things are kept there. */
export function createSite(
  options: Pick<Site, "signal" | "report"> & { readonly cache?: string },
): Site {
  const runner = createRunner(options.signal);
  const attempt: Site["attempt"] = async (argv, runOptions = {}) =>
    await runner.run(argv, { deadlineMs: 600_000, ...runOptions });
  return {
    cache: `${cacheDirectory(process.env)}-provision`,
    ...options,
    attempt,
    async run(argv, runOptions) {
      const finished = await attempt(argv, runOptions);
      if (finished.exitCode === 0) return finished;
      const words = finished.stderr.trim().split("\n").slice(-5).join("\n");
      throw new Error(`${argv.join(" ")} failed with exit code ${finished.exitCode}:\n${words}`);
    },
  };
}

/** Whether this process may change the machine. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

export async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}

/**
 * The path of something built once a machine: `build` fills a temporary directory, which then gets its name, so that a
 * half-built one is never seen; two runs at once build it once.
 */
export async function builtOnce(
  site: Site,
  name: string,
  build: (directory: string) => Promise<void>,
): Promise<string> {
  const final = path.join(site.cache, name);
  if (await exists(final)) return final;
  await mkdir(site.cache, { recursive: true });
  return await withLock(site, `${final}.lock`, async () => {
    if (await exists(final)) return final;
    const temporary = `${final}.tmp`;
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    try {
      await build(temporary);
      await rename(temporary, final);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw error;
    }
    return final;
  });
}

/** Runs `work` while no other live process does so under the same lock directory. */
async function withLock<T>(site: Site, lock: string, work: () => Promise<T>): Promise<T> {
  const owner = path.join(lock, "pid");
  const end = performance.now() + 900_000;
  while (!(await takeLock(lock, owner))) {
    if (performance.now() > end)
      throw fail("DEADLINE_PASSED", { what: `Waiting for ${lock}`, seconds: 900 });
    await pauseFor(500, site.signal);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function takeLock(lock: string, owner: string): Promise<boolean> {
  try {
    await mkdir(lock);
    await writeFile(owner, String(process.pid));
    return true;
  } catch {
    const pid = Number(await readFile(owner, "utf8").catch(() => "0"));
    const since = await stat(lock).catch(() => undefined);
    // Between mkdir and the pid there is a moment; a lock without an owner for ten seconds has none.
    const isFresh = since !== undefined && Date.now() - since.mtimeMs < 10_000;
    if (pid > 0 ? !isAlive(pid) : !isFresh) await rm(lock, { recursive: true, force: true });
    return false;
  }
}
