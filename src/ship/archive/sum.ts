/** The SHA-256 beside an archive, in a line as `sha256sum` of GNU coreutils writes and checks it. */
import { createHash } from "node:crypto";
import path from "node:path";
import { fail } from "../../errors.ts";
import { isSystemError } from "../../process/system-error.ts";
import { openForReading, readAt, readSmallFile } from "../../store/file.ts";

const chunkBytes = 1024 * 1024;

/** Where the sum of that archive is. */
export function sumsOf(archive: string): string {
  return `${archive}.sha256`;
}

/** The line of a file that stands beside it. */
export function sumLine(sha256: string, archive: string): string {
  const name = path.basename(archive);
  const escaped = escapedName(name);
  return `${escaped === name ? "" : "\\"}${sha256}  ${escaped}\n`;
}

/** Backslashes and line ends are escaped; a first backslash says so. */
function escapedName(name: string): string {
  return name.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
}

/**
 * Holds an archive against the sum beside it.
 * @returns whether there is one
 * @throws ARCHIVE_SUM_DIFFERS, ARCHIVE_SUM_UNREADABLE, ARCHIVE_UNREADABLE, the signal's reason
 */
export async function checkSum(archive: string, signal: AbortSignal): Promise<boolean> {
  const sums = sumsOf(archive);
  const expected = await writtenSum(archive, sums);
  if (expected === undefined) return false;
  const actual = await sha256Of(archive, signal);
  if (actual === expected) return true;
  throw fail("ARCHIVE_SUM_DIFFERS", { archive, sums, expected, actual });
}

async function writtenSum(archive: string, sums: string): Promise<string | undefined> {
  let text: string;
  try {
    text = (await readSmallFile(sums)).toString();
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    const problem = error instanceof Error ? error.message : String(error);
    throw fail("ARCHIVE_SUM_UNREADABLE", { sums, problem }, { cause: error });
  }
  const lines = text.split("\n").flatMap((line) => {
    const [, sum, name = ""] = /^\\?([0-9a-fA-F]{64})(?: [ *]([^\r]+))?\r?$/.exec(line) ?? [];
    return sum === undefined ? [] : [{ sum: sum.toLowerCase(), name }];
  });
  const own = escapedName(path.basename(archive));
  const found = lines.find(({ name }) => name === own || name.endsWith(`/${own}`));
  // Both may have been given another name since it was written.
  const [only, another] = lines;
  const line = found ?? (another === undefined ? only : undefined);
  if (line !== undefined) return line.sum;
  const problem = lines.length === 0 ? "no line of it is a sum" : `no line of it is about ${own}`;
  throw fail("ARCHIVE_SUM_UNREADABLE", { sums, problem });
}

async function sha256Of(archive: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  try {
    const file = await openForReading(archive);
    try {
      for (let at = 0; ;) {
        signal.throwIfAborted();
        const bytes = await readAt(file, at, chunkBytes);
        if (bytes.length === 0) return hash.digest("hex");
        hash.update(bytes);
        at += bytes.length;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const reason = error instanceof Error ? error.message : String(error);
    const problem = isSystemError(error, "ENOENT") ? "there is no such file" : reason;
    throw fail("ARCHIVE_UNREADABLE", { archive, problem }, { cause: error });
  }
}
