/** The verb `lint`: what will break on another architecture, before anything is built. */
import { isContextAddress } from "../build-context/address.ts";
import type { Context } from "../context.ts";
import { limits } from "../dockerfile/syntax.ts";
import { fail } from "../errors.ts";
import type { DockerfileChecks } from "../engine/dockerfile-check.ts";
import { type BesideOptions, type BesideReader, besideReader } from "./beside.ts";
import { askBuildkit, withBuildkit } from "./buildkit.ts";
import { type DockerfileText, readDockerfile, replaceDockerfile } from "./file.ts";
import { isDirectory } from "./context.ts";
import { fixDockerfile } from "./fix.ts";
import { type InspectOptions, inspectDockerfile, type LintFinding } from "./inspect.ts";

export { besideReader } from "./beside.ts";
export { isContextFile, type LintContext } from "./context.ts";
export { dockerfileText, mostBytes } from "./file.ts";
export { inspectDockerfile } from "./inspect.ts";

/** A Dockerfile with what is said of it alone: by a service of compose.yaml, or a target of bake. */
export interface LintTarget extends Partial<
  Pick<InspectOptions, "platforms" | "buildArgs" | "buildContexts" | "target">
> {
  readonly path: string;
  /** Where it stands in no file of its own: then it is not mended. */
  readonly content?: string;
  readonly contextDirectory?: string;
}

export interface LintOptions extends BesideOptions {
  /** `Dockerfile` where none is named. */
  readonly files?: readonly (string | LintTarget)[];
  /** What is looked at instead of files: the text, and the name that it has. */
  readonly text?: {
    readonly content: string;
    readonly name: string;
    /** `false` where it is not all that came, or was no UTF-8: then it is not mended. */
    readonly isExact?: boolean;
  };
  /** `false` leaves BuildKit's own checks out, which are asked for where an engine is there. Default `true`. */
  readonly buildkit?: boolean;
  /** `write` mends what has one safe answer, in the files; `plan` says only what it would change. */
  readonly fix?: "write" | "plan";
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

/** Everything is read and mended before the first file is written. @throws CONTEXT_MISSING, DOCKERFILE_MISSING, DOCKERFILE_UNREADABLE, DOCKERFILE_NOT_WRITABLE, INTERRUPTED, TERMINATED */
export async function lint(options: LintOptions, context: Context): Promise<LintResult> {
  const { signal } = context;
  const { text, contextDirectory } = options;
  await requireDirectory(contextDirectory);
  const lookBeside = besideReader(options.platforms, context);
  const targets = targetsOf(options);
  const asked = askBuildkit(targets, options, context);
  // Where a file cannot be read nobody waits for it.
  asked.catch(() => {});
  const files: LintedFile[] = [];
  if (text !== undefined) files.push(await lintedFile(text.name, text, options, lookBeside));
  else {
    for (const target of targets) {
      signal.throwIfAborted();
      files.push(await lintedTarget(target, options, lookBeside));
    }
    await writeFixed(files, signal);
  }
  const checks = await asked;
  const all = files.map((file, at) => {
    const target = targets[at];
    return withChecks(file, target && checks.get(target));
  });
  const severities = new Set(all.flatMap(({ findings }) => findings.map((one) => one.severity)));
  const outcome = severities.has("error")
    ? "errors"
    : severities.has("warning")
      ? "warnings"
      : "clean";
  return { outcome, files: all, isBuildkits: checks.size > 0 };
}

/** One that is named has to be there; an address that buildx fetches is not looked at. @throws CONTEXT_MISSING */
async function requireDirectory(directory: string | undefined): Promise<void> {
  if (directory === undefined || isContextAddress(directory)) return;
  if (!(await isDirectory(directory))) throw fail("CONTEXT_MISSING", { context: directory });
}

/** Each Dockerfile once for each way that it is built in; one that is mended once. */
function targetsOf({ files = ["Dockerfile"], fix }: LintOptions): readonly LintTarget[] {
  const found = new Map<string, LintTarget>();
  for (const file of files) {
    const target = typeof file === "string" ? { path: file } : file;
    const { path: name, buildArgs = new Map(), ...rest } = target;
    const key = fix === undefined ? JSON.stringify([name, [...buildArgs], rest]) : name;
    if (!found.has(key)) found.set(key, target);
  }
  return [...found.values()];
}

async function lintedTarget(
  { path: file, content, ...own }: LintTarget,
  { fix, ...options }: LintOptions,
  lookBeside: BesideReader,
): Promise<LintedFile> {
  if (content !== undefined)
    return await lintedFile(file, { content }, { ...options, ...own }, lookBeside);
  const mending = fix === undefined ? {} : { fix };
  return await lintedFile(
    file,
    await readDockerfile(file),
    { ...options, ...own, ...mending },
    lookBeside,
  );
}

function withChecks(file: LintedFile, checks: DockerfileChecks | undefined): LintedFile {
  if (checks === undefined) return file;
  return { ...file, findings: withBuildkit(file.findings, checks, file.text) };
}

async function lintedFile(
  file: string,
  { content, isExact = true }: Partial<DockerfileText> & Pick<DockerfileText, "content">,
  options: LintOptions,
  lookBeside: BesideReader,
): Promise<LintedFile> {
  const { fix, platforms, buildArgs, buildContexts, target, builderFor } = options;
  const asked = {
    platforms,
    ...(buildArgs === undefined ? {} : { buildArgs }),
    ...(buildContexts === undefined ? {} : { buildContexts }),
    ...(target === undefined ? {} : { target }),
    ...(builderFor === undefined ? {} : { builderFor }),
    ...(await lookBeside(file, content, options)),
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
