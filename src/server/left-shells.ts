/**
 * Shells of earlier runs that never heard of their end: a wire that dies without a word leaves the server's half of a connection as it
 * was, for hours. What such a shell runs goes on, and an engine lets the next pull of a layer wait for the one that it has begun.
 *
 * So a run notes its shell on this machine before it pulls, and the next one ends those of which nobody has heard the end.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import type { Context } from "../context.ts";
import { isAlive } from "../process/alive.ts";
import { readProcessStat } from "../process/process-stat.ts";
import { shellsDirectory } from "../store/directory.ts";
import type { Server } from "./server.ts";

/** A process of a server, which its number alone would not tell when that was given to another. */
export interface ShellProcess {
  readonly pid: number;
  /** In clock ticks since the machine did (proc_pid_stat(5), field 22). */
  readonly started: number;
}

const noteSchema = z.object({
  server: z.string(),
  pid: z.int(),
  started: z.int(),
  /** Of the run; absent where it has lost its shell. */
  run: z.int().optional(),
});
type Note = z.infer<typeof noteSchema>;

/** What a shell says of itself: a script, and the reader of its words; `undefined` where there is no /proc. */
export const processScript = 'cat "/proc/$$/stat" 2>/dev/null; true';

export function readProcess(line: string): ShellProcess | undefined {
  const [pid, started] = [
    Number.parseInt(line, 10),
    Number.parseInt(readProcessStat(line).started, 10),
  ];
  return Number.isSafeInteger(pid) && Number.isSafeInteger(started) ? { pid, started } : undefined;
}

/** Has `work` done in that shell, which stays noted if nobody hears the end of it. @throws what `work` throws */
export async function noted<T>(
  server: Server,
  shell: ShellProcess | undefined,
  { env }: Pick<Context, "env">,
  work: () => Promise<T>,
): Promise<T> {
  if (shell === undefined) return await work();
  const file = path.join(shellsDirectory(env), `${randomBytes(8).toString("hex")}.json`);
  const note = { server: server.name, ...shell };
  await write(file, { ...note, run: process.pid });
  try {
    const result = await work();
    await rm(file, { force: true });
    return result;
  } catch (error) {
    await write(file, note);
    throw error;
  }
}

/** Where the note cannot be written the next run waits as long as the engine does, which is no reason to fail now. */
async function write(file: string, note: Note): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
    .then(async () => await writeFile(file, JSON.stringify(note), { mode: 0o600 }))
    .catch(() => {});
}

const scriptDeadlineMs = 60_000;
/** Sooner or later every connection has an end. */
const lifeMs = 7 * 24 * 60 * 60_000;

/** Ends, on that server, what runs of this machine have left there. @throws the errors of ssh */
export async function endLeftShells(
  server: Server,
  { env, report }: Pick<Context, "env" | "report">,
): Promise<void> {
  for (const { file, note } of await notesIn(shellsDirectory(env))) {
    if (note.server !== server.name) continue;
    if (note.run !== undefined && isAlive(note.run)) continue;
    const what = `Ending an earlier run on ${server.name}`;
    const options = { deadlineMs: scriptDeadlineMs, what };
    const { stdout } = await server.shell.run(endScript(note), options);
    await rm(file, { force: true });
    if (stdout !== wasThere) continue;
    const text = `Ended on ${server.name} what an earlier run had left there: its connection was lost, and the server had not heard of it.`;
    report({ kind: "note", text });
  }
}

async function notesIn(directory: string) {
  const notes: { readonly file: string; readonly note: Note }[] = [];
  for (const name of await readdir(directory).catch(() => [])) {
    const file = path.join(directory, name);
    const note = await readNote(file, Date.now() - lifeMs);
    if (note !== undefined) notes.push({ file, note });
  }
  return notes;
}

/** One that is too old, or is none, is removed. */
async function readNote(file: string, oldestMs: number): Promise<Note | undefined> {
  try {
    const { mtimeMs } = await stat(file);
    if (mtimeMs > oldestMs) return noteSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    // It is no note, or somebody else has ended that shell meanwhile.
  }
  await rm(file, { force: true }).catch(() => {});
  return undefined;
}

const wasThere = "ended\n";

/** Ends a shell and all that it has started, if it is still the one that was noted, and waits up to five seconds until they have. */
function endScript({ pid, started }: ShellProcess): string {
  return `shell=${pid}
now=$(sed 's/.*) //' "/proc/$shell/stat" 2>/dev/null | cut -d ' ' -f 20)
test "$now" = ${started} || exit 0
echo ended
tree=$(cat /proc/[0-9]*/stat 2>/dev/null | sed 's/(.*)/-/' | awk -v top="$shell" '
  { parent[$1] = $4 }
  END { for (one in parent) { at = one; while (at in parent && at != top) at = parent[at]; if (at == top) print one } }')
kill $tree 2>/dev/null
tries=0
for one in $tree; do
  while test "$tries" -lt 50 && grep -q ') [^ZX] ' "/proc/$one/stat" 2>/dev/null; do
    sleep 0.1 2>/dev/null || sleep 1
    tries=$((tries + 1))
  done
done`;
}
