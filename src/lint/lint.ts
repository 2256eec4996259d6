/** The verb `lint`: what will break on another architecture, before anything is built. */
import path from "node:path";
import type { Context } from "../context.ts";
import { limits } from "../dockerfile/syntax.ts";
import { fail } from "../errors.ts";
import type { DockerfileChecks } from "../engine/dockerfile-check.ts";
import { askBuildkit, withBuildkit } from "./buildkit.ts";
import { contextReader } from "./context.ts";
import { type DockerfileText, readDockerfile, replaceDockerfile } from "./file.ts";
import { fixDockerfile } from "./fix.ts";
import { type InspectOptions, inspectDockerfile, type LintFinding } from "./inspect.ts";
import type { Beside } from "./view.ts";

export { inspectDockerfile } from "./inspect.ts";

export interface LintOptions extends Omit<InspectOptions, keyof Beside> {
  /** Dockerfiles; `Dockerfile` where none is named. */
  readonly files?: readonly string[];
  /** What is looked at instead of files: the text, and the name that it has. */
  readonly text?: {
    readonly content: string;
    readonly name: string;
    /** `false` where it is not all that came, or was no UTF-8: then it is not mended. */
    readonly isExact?: boolean;
  };
  /** The directory that is sent to the builder; that of each Dockerfile where none is named. */
  readonly contextDirectory?: string;
  /** `false` leaves BuildKit's own checks out, which are asked for where an engine is there. Default `true`. */
  readonly buildkit?: boolean;
  /** `write` mends what has one safe answer, in the files; `plan` says only what it would change. */
  readonly fix?: "write" | "plan";
  /** Whether registries are asked. */
  readonly online?: boolean;
}

export interface LintedFile {
  readonly path: string;
  /** What it holds when all is done. */
  readonly text: string;
  /** What speaks against that text. */
  readonly findings: readonly LintFinding[];
  /** With `fix`. */
  readonly fix?: FileFix;
}

interface FileFix {
  /** The text as it was, and as it is or would be mended. */
  readonly before: string;
  readonly after: string;
  readonly fixed: readonly LintFinding[];
  /** Whether it is a plan only: the file is as it was. */
  readonly isPlan: boolean;
}

export interface LintResult {
  readonly outcome: "clean" | "warnings" | "errors";
  readonly files: readonly LintedFile[];
  /** Whether BuildKit's own checks are among the findings. */
  readonly isBuildkits: boolean;
}

/** Everything is read and mended before the first file is written. @throws DOCKERFILE_MISSING, DOCKERFILE_UNREADABLE, DOCKERFILE_NOT_WRITABLE, INTERRUPTED, TERMINATED */
export async function lint(options: LintOptions, context: Context): Promise<LintResult> {
  const { signal } = context;
  const { text } = options;
  const lookBeside = besideReader(options, context);
  const paths = [...new Set(options.files ?? ["Dockerfile"])];
  const asked = askBuildkit(paths, options, context);
  const files: LintedFile[] = [];
  if (text !== undefined) files.push(await lintedFile(text.name, text, options, lookBeside));
  else {
    for (const file of paths) {
      signal.throwIfAborted();
      files.push(await lintedFile(file, await readDockerfile(file), options, lookBeside));
    }
    await writeFixed(files, signal);
  }
  const checks = await asked;
  const all = files.map((file) => withChecks(file, checks.get(file.path)));
  const severities = new Set(all.flatMap(({ findings }) => findings.map((one) => one.severity)));
  const outcome = severities.has("error")
    ? "errors"
    : severities.has("warning")
      ? "warnings"
      : "clean";
  return { outcome, files: all, isBuildkits: checks.size > 0 };
}

function withChecks(file: LintedFile, checks: DockerfileChecks | undefined): LintedFile {
  if (checks === undefined) return file;
  return { ...file, findings: withBuildkit(file.findings, checks, file.text) };
}

/** Where nothing is copied, what lies beside the Dockerfile does not matter. */
const takesContext = /^[\t ]*(?:COPY|ADD)[\t ]/im;

type BesideReader = (file: string, content: string) => Promise<Beside>;

/** Looks at what the rules are told beside the text. */
function besideReader(options: LintOptions, context: Context): BesideReader {
  const { contextDirectory, online = false } = options;
  const readContext = contextReader(options.platforms, context.signal);
  return async (file, content) => ({
    context: takesContext.test(content)
      ? await readContext(contextDirectory ?? path.dirname(file), file)
      : undefined,
    offered: online ? await offeredFor(content, options, context) : undefined,
  });
}

/** With it come readers of registries and layouts, which nothing else needs. */
async function offeredFor(
  text: string,
  options: InspectOptions,
  context: Context,
): Promise<Beside["offered"]> {
  const { askRegistries } = await import("./online.ts");
  return await askRegistries(text, options, context);
}

async function lintedFile(
  file: string,
  { content, isExact = true }: Partial<DockerfileText> & Pick<DockerfileText, "content">,
  options: LintOptions,
  lookBeside: BesideReader,
): Promise<LintedFile> {
  const { fix, platforms, buildArgs, target, builderFor } = options;
  const asked = {
    platforms,
    ...(buildArgs === undefined ? {} : { buildArgs }),
    ...(target === undefined ? {} : { target }),
    ...(builderFor === undefined ? {} : { builderFor }),
    ...(await lookBeside(file, content)),
  };
  const inspect = (text: string) => inspectDockerfile(text, asked);
  if (fix === undefined) return { path: file, text: content, findings: inspect(content) };
  if (!isExact) {
    const reason =
      content.length > limits.length
        ? "it is too large"
        : "it is no UTF-8, so --fix would change more";
    throw fail("DOCKERFILE_UNREADABLE", { dockerfile: file, reason });
  }
  const { text: after, fixed, found, findings } = fixDockerfile(content, inspect);
  const isPlan = fix === "plan";
  const own = { before: content, after, fixed, isPlan };
  return isPlan
    ? { path: file, text: content, findings: found, fix: own }
    : { path: file, text: after, findings, fix: own };
}

async function writeFixed(files: readonly LintedFile[], signal: AbortSignal): Promise<void> {
  for (const { path: file, fix } of files) {
    if (fix === undefined || fix.isPlan || fix.after === fix.before) continue;
    signal.throwIfAborted();
    await replaceDockerfile(file, fix.after);
  }
}
