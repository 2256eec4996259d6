/** The file that keeps the whole of what a build said. */
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../../context.ts";

export interface BuildLog {
  /** Absolute; absent where no file could be made. */
  readonly file?: string;
  write(line: string): void;
  /** When it is on disk. */
  close(): Promise<void>;
}

/** How many logs are kept beside the new one. */
const keptLogs = 19;

/** Begins a log in that directory. Where that cannot be, or the disk is full, a warning says so and the build goes on. */
export async function openBuildLog(
  directory: string,
  { report, runId }: Pick<Context, "report" | "runId">,
): Promise<BuildLog> {
  const time = new Date()
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "");
  const file = path.join(directory, `build-${time}-${runId}.log`);
  const lost = (error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    report({ kind: "warning", text: `The build's log is not kept: ${why}` });
  };
  try {
    await mkdir(directory, { recursive: true });
    await removeOld(directory);
    // What steps print may be nobody else's business.
    const stream = createWriteStream(file, { flags: "wx", mode: 0o600 });
    await once(stream, "open");
    return keep(stream, file, lost);
  } catch (error) {
    lost(error);
    return { write() {}, async close() {} };
  }
}

function keep(stream: WriteStream, file: string, lost: (error: unknown) => void): BuildLog {
  let isLost = false;
  stream.on("error", (error) => {
    if (!isLost) lost(error);
    isLost = true;
  });
  return {
    file,
    write: (line) => {
      if (!isLost) stream.write(`${line}\n`);
    },
    async close() {
      if (isLost) return;
      stream.end();
      await Promise.race([once(stream, "close"), once(stream, "error").catch(() => {})]);
    },
  };
}

/** The names begin with the time, so their order is that of the builds. */
async function removeOld(directory: string): Promise<void> {
  const logs = (await readdir(directory)).filter((name) => /^build-[\w-]+\.log$/.test(name));
  const old = logs.toSorted().slice(0, -keptLogs);
  await Promise.all(old.map(async (name) => await rm(path.join(directory, name), { force: true })));
}
