/** The verb `lint`: what will break on another architecture, before anything is built. */
import { open } from "node:fs/promises";
import type { Context } from "../context.ts";
import { limits } from "../dockerfile/syntax.ts";
import { fail } from "../errors.ts";
import { isSystemError } from "../process/system-error.ts";
import { type InspectOptions, inspectDockerfile, type LintFinding } from "./inspect.ts";

export { inspectDockerfile } from "./inspect.ts";

export interface LintOptions extends InspectOptions {
  /** Dockerfiles; `Dockerfile` where none is named. */
  readonly files?: readonly string[];
  /** What is looked at instead of files: the text, and the name that it has. */
  readonly text?: { readonly content: string; readonly name: string };
}

export interface LintedFile {
  readonly path: string;
  readonly text: string;
  readonly findings: readonly LintFinding[];
}

export interface LintResult {
  readonly outcome: "clean" | "warnings" | "errors";
  readonly files: readonly LintedFile[];
}

/** @throws DOCKERFILE_MISSING, INTERRUPTED, TERMINATED */
export async function lint(options: LintOptions, { signal }: Context): Promise<LintResult> {
  const { files = ["Dockerfile"], text, ...rest } = options;
  const linted: LintedFile[] = [];
  if (text !== undefined) linted.push(inspect(text.name, text.content, rest));
  else {
    for (const path of files) {
      signal.throwIfAborted();
      linted.push(inspect(path, await readDockerfile(path), rest));
    }
  }
  const severities = new Set(linted.flatMap(({ findings }) => findings.map((one) => one.severity)));
  const outcome = severities.has("error")
    ? "errors"
    : severities.has("warning")
      ? "warnings"
      : "clean";
  return { outcome, files: linted };
}

function inspect(path: string, text: string, options: InspectOptions): LintedFile {
  return { path, text, findings: inspectDockerfile(text, options) };
}

/** No more of it than tells that it is too large. */
const mostBytes = limits.length * 3 + 4;

async function readDockerfile(path: string): Promise<string> {
  try {
    await using file = await open(path);
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, mostBytes));
    const { bytesRead } = await file.read({ buffer });
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EISDIR", "EACCES"))
      throw fail("DOCKERFILE_MISSING", { dockerfile: path });
    throw error;
  }
}
