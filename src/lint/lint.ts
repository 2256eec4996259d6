/** The verb `lint`: what will break on another architecture, before anything is built. */
import { open } from "node:fs/promises";
import path from "node:path";
import type { Context } from "../context.ts";
import { limits } from "../dockerfile/syntax.ts";
import { fail } from "../errors.ts";
import { isSystemError } from "../process/system-error.ts";
import { contextReader } from "./context.ts";
import { type InspectOptions, inspectDockerfile, type LintFinding } from "./inspect.ts";

export { inspectDockerfile } from "./inspect.ts";

export interface LintOptions extends Omit<InspectOptions, "context"> {
  /** Dockerfiles; `Dockerfile` where none is named. */
  readonly files?: readonly string[];
  /** What is looked at instead of files: the text, and the name that it has. */
  readonly text?: { readonly content: string; readonly name: string };
  /** The directory that is sent to the builder; that of each Dockerfile where none is named. */
  readonly contextDirectory?: string;
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
  const { files = ["Dockerfile"], text, contextDirectory, ...rest } = options;
  const readContext = contextReader(options.platforms, signal);
  const inspect = async (file: string, content: string): Promise<LintedFile> => {
    const context = takesContext.test(content)
      ? await readContext(contextDirectory ?? path.dirname(file), file)
      : undefined;
    const asked = context === undefined ? rest : { ...rest, context };
    return { path: file, text: content, findings: inspectDockerfile(content, asked) };
  };
  const linted: LintedFile[] = [];
  if (text !== undefined) linted.push(await inspect(text.name, text.content));
  else {
    for (const file of files) {
      signal.throwIfAborted();
      linted.push(await inspect(file, await readDockerfile(file)));
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

/** Where nothing is copied, what lies beside the Dockerfile does not matter. */
const takesContext = /^[\t ]*(?:COPY|ADD)[\t ]/im;

/** No more of it than tells that it is too large. */
const mostBytes = limits.length * 3 + 4;

async function readDockerfile(place: string): Promise<string> {
  try {
    await using file = await open(place);
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, mostBytes));
    const { bytesRead } = await file.read({ buffer });
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EISDIR", "EACCES"))
      throw fail("DOCKERFILE_MISSING", { dockerfile: place });
    throw error;
  }
}
