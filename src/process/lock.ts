/**
 * Locks between runs of ours, as files that name their owner: `<directory>/<lock>.<mode>.<pid>.<random>`.
 * Whoever wants a lock first announces itself, then looks at the others: of two at once at least one sees the other, so
 * no lock is ever held against a mode that excludes it. The file of an owner that has died does not count, and is removed.
 */
import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { hostname, uptime } from "node:os";
import path from "node:path";
import { type ProcessStat, readProcessStat } from "./process-stat.ts";
import type { Report } from "./report.ts";
import { isSystemError } from "./system-error.ts";
import { pauseFor } from "./wait.ts";

/** `shared`: together with other shared ones; `exclusive`: alone. */
export type LockMode = "shared" | "exclusive";

export interface LockOptions {
  readonly mode: LockMode;
  /** What the run does, for whoever has to wait: `transship build`. */
  readonly purpose: string;
  /** How long to wait for others, in milliseconds. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** Told once, before the first wait, whom it is for: `transship build (process 4711)`. */
  readonly waiting?: ((owner: string) => void) | undefined;
}

export interface Lock {
  release(): Promise<void>;
}

/** Who has a lock that was not to be had. */
export interface LockHolder {
  /** `transship build (process 4711)` */
  readonly owner: string;
  /** The file that is the lock. */
  readonly lock: string;
  /** How long it was waited for. */
  readonly seconds: number;
}

interface Owner {
  readonly file: string;
  readonly mode: LockMode;
  readonly pid: number;
  readonly host: string;
  readonly purpose: string;
}

/**
 * Takes the lock of that name, which has no dot, in a directory of locks.
 * @throws what `refuse` makes of the holder when the deadline passes, INTERRUPTED or TERMINATED
 */
export async function takeLock(
  locks: string,
  name: string,
  options: LockOptions,
  refuse: (holder: LockHolder) => Error,
): Promise<Lock> {
  const end = performance.now() + options.deadlineMs;
  await mkdir(locks, { recursive: true });
  let own: string | undefined;
  let tell = options.waiting;
  try {
    for (let pause = 2; ; pause = Math.min(pause * 2, 100)) {
      own ??= await announce(locks, name, options);
      const [other] = await conflicts(locks, name, own, options.mode);
      if (other === undefined) return lockOf(own);
      if (performance.now() > end) throw refuse(holder(locks, other, options.deadlineMs));
      tell?.(ownerName(other));
      tell = undefined;
      // A waiting exclusive one stays announced, so that shared ones cannot pass it for ever; of two such the later gives way.
      const stays = options.mode === "exclusive" && (other.mode === "shared" || own < other.file);
      if (!stays) {
        await rm(path.join(locks, own), { force: true });
        own = undefined;
      }
      await pauseFor(pause * (0.5 + Math.random()), options.signal);
    }
  } catch (error) {
    if (own !== undefined) await rm(path.join(locks, own), { force: true });
    throw error;
  }

  function lockOf(file: string): Lock {
    return { release: async () => await rm(path.join(locks, file), { force: true }) };
  }
}

/** Writes the file that says: I want, or have, this lock. Its name alone is the claim; the content is for people. */
async function announce(
  locks: string,
  name: string,
  { mode, purpose }: LockOptions,
): Promise<string> {
  const file = [name, mode, process.pid, randomBytes(6).toString("hex")].join(".");
  const started = (await processStat(process.pid))?.started ?? "";
  const content = { host: hostname(), purpose, started };
  const claim = await open(path.join(locks, file), "wx");
  try {
    await claim.writeFile(JSON.stringify(content));
  } catch (error) {
    // Where the disk is full an empty file is a claim all the same: somebody may be about to make room.
    if (isSystemError(error, "ENOSPC", "EDQUOT")) return file;
    await rm(path.join(locks, file), { force: true });
    throw error;
  } finally {
    await claim.close();
  }
  return file;
}

/** Those who are announced and exclude the own file's mode, dead ones swept away. */
async function conflicts(
  locks: string,
  name: string,
  own: string,
  mode: LockMode,
): Promise<readonly Owner[]> {
  const found: Owner[] = [];
  for (const file of await readdir(locks)) {
    const [lock, otherMode, pid] = file.split(".");
    if (file === own || lock !== name) continue;
    if (otherMode !== "exclusive" && mode === "shared") continue;
    const owner = await ownerOf(locks, file, otherMode === "shared" ? "shared" : "exclusive", pid);
    if (owner !== undefined) found.push(owner);
  }
  return found.toSorted((one, other) => (one.file < other.file ? -1 : 1));
}

/** The owner of a lock's file; `undefined` when it has gone, or was dead and has been swept away. */
async function ownerOf(
  locks: string,
  file: string,
  mode: LockMode,
  pidText: string | undefined,
): Promise<Owner | undefined> {
  const full = path.join(locks, file);
  const pid = Number(pidText);
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(full, "utf8"), stat(full)]);
    const { host, purpose, started } = readContent(text);
    if (host === hostname() && !(await isAlive(pid, started, mtimeMs))) {
      await rm(full, { force: true });
      return undefined;
    }
    return { file, mode, pid, host, purpose };
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** The content of a lock's file; a file that is just being written has none yet, and belongs to this machine. */
function readContent(text: string): { host: string; purpose: string; started: string } {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    document = undefined;
  }
  const content = typeof document === "object" && document !== null ? document : {};
  return {
    host: "host" in content ? String(content.host) : hostname(),
    purpose: "purpose" in content ? String(content.purpose) : "another run",
    started: "started" in content ? String(content.started) : "",
  };
}

/** Whether that process still runs: the number alone would not tell after it was given to another, or after a restart. */
async function isAlive(pid: number, started: string, writtenMs: number): Promise<boolean> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  if (writtenMs < Date.now() - uptime() * 1000 - 60_000) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return isSystemError(error, "EPERM");
  }
  const now = await processStat(pid);
  if (now === undefined) return true;
  // One that was killed keeps its number until its parent asks for its end, which not every first process of a container does.
  return !["Z", "X"].includes(now.state) && (started === "" || started === now.started);
}

/** `undefined` where there is no /proc. */
async function processStat(pid: number): Promise<ProcessStat | undefined> {
  try {
    return readProcessStat(await readFile(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

function holder(locks: string, owner: Owner, deadlineMs: number): LockHolder {
  return {
    owner: ownerName(owner),
    lock: path.join(locks, owner.file),
    seconds: deadlineMs / 1000,
  };
}

/** Says for whom a run waits: for {@link LockOptions.waiting}. */
export function noteWaiting(report: Report): (owner: string) => void {
  return (owner) => report({ kind: "note", text: `Waiting for ${owner}.` });
}

function ownerName({ purpose, pid, host }: Owner): string {
  return `${purpose} (process ${pid}${host === hostname() ? "" : ` on ${host}`})`;
}
