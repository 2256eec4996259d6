/** Files of the build context that tell tools for which machine to compile or to install: read where such a tool stands in the Dockerfile. */
import { open } from "node:fs/promises";
import path from "node:path";
import type { LockProblem } from "../build-context/lock-file/lock.ts";
import { isLockFile, settingsBeside } from "../build-context/lock-file/name.ts";
import { supportedBeside } from "../build-context/lock-file/supported.ts";
import { formatPlatform, type Platform } from "../platform/platform.ts";
import type { LintContext } from "./context.ts";

interface ProjectFiles {
  /** The texts of scripts, lists of requirements and settings, by their paths in the context. */
  readonly texts: ReadonlyMap<string, string>;
  /** What lock files keep from the platforms, by their paths in the context; none of those that keep nothing. */
  readonly lacking: ReadonlyMap<string, readonly LockProblem[]>;
}

export type ProjectReader = (
  asked: {
    readonly directory: string;
    readonly context: LintContext;
    /** The Dockerfile's text. */
    readonly content: string;
    readonly platforms: readonly Platform[];
    readonly lockFiles: boolean;
  },
  signal: AbortSignal,
) => Promise<ProjectFiles>;

/** Scripts, and what pip installs by name: read where their names stand in the Dockerfile. */
const named = /\.(?:sh|bash)$|^requirements[\w.-]*\.txt$/;

/** What each tool reads, wherever it lies. */
const readBy: readonly (readonly [RegExp, RegExp])[] = [
  [/\bnpm\b/, /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|\.npmrc)$/],
  [/\bpnpm\b/, /(?:^|\/)(?:pnpm-lock\.yaml|\.npmrc)$/],
  [/\byarn\b/, /(?:^|\/)yarn\.lock$/],
  [/\buv\b/, /(?:^|\/)uv\.lock$/],
  [/\bpoetry\b/, /(?:^|\/)poetry\.lock$/],
  [/\bbundle\b/, /(?:^|\/)Gemfile\.lock$/],
  [/\bcargo\b/, /(?:^|\/)\.cargo\/config\.toml$/],
  [/\bgo\b/, /(?:^|\/)go\.mod$/],
];

/** What may be asked for by name: for {@link LintContext.files}. */
export function isRead(name: string): boolean {
  return (
    named.test(name) ||
    name === "config.toml" ||
    readBy.some(([, files]) => files.test(name)) ||
    settingNames.has(name)
  );
}

const settingNames: ReadonlySet<string> = new Set(
  ["pnpm-lock.yaml", "yarn.lock"].flatMap(settingsBeside),
);

/** No more, and no longer ones, are read for one Dockerfile. */
const [mostFiles, longestText, longestLock] = [20, 65_536, 4 * 1024 * 1024];

/** Scripts that start scripts: so many times what is read tells what else to read. */
const mostRounds = 4;

/** A reader that reads the same lock file once. */
export function projectReader(): ProjectReader {
  const known = new Map<string, Promise<readonly LockProblem[]>>();
  return async ({ directory, context, content, platforms, lockFiles }, signal) => {
    const texts = new Map<string, string>();
    const lacking = new Map<string, readonly LockProblem[]>();
    const readText = async (file: string): Promise<void> => {
      const text = await textOf(path.join(directory, file), longestText);
      if (text !== undefined) texts.set(file, text);
    };
    const readLock = async (file: string): Promise<void> => {
      const key = JSON.stringify([directory, file, platforms.map(formatPlatform)]);
      const problems = known.get(key) ?? problemsOf(directory, file, context, platforms);
      known.set(key, problems);
      const found = await problems;
      if (found.length > 0) lacking.set(file, found);
    };
    const asked = new Set<string>();
    for (let round = 0; round < mostRounds; round += 1) {
      const naming = [content, ...texts.values()].join("\n");
      const wanted = wantedOf(context, naming).filter((file) => !asked.has(file));
      if (wanted.length === 0) break;
      await Promise.all(
        wanted.map(async (file) => {
          asked.add(file);
          if (!isLockOnly(file)) await readText(file);
          else if (lockFiles) await readLock(file);
        }),
      );
      signal.throwIfAborted();
    }
    return { texts, lacking };
  };
}

/** Lists of requirements are gone through line by line. */
function isLockOnly(file: string): boolean {
  const name = path.posix.basename(file);
  return isLockFile(name) && !named.test(name);
}

/** Those nearest to the top first. */
function wantedOf({ files }: LintContext, content: string): readonly string[] {
  const tools = readBy.filter(([tool]) => tool.test(content)).map(([, own]) => own);
  const wanted = [...files].filter((file) => {
    const name = path.posix.basename(file);
    return named.test(name) ? content.includes(name) : tools.some((own) => own.test(file));
  });
  return wanted.toSorted((one, other) => depth(one) - depth(other)).slice(0, mostFiles);
}

function depth(file: string): number {
  return file.split("/").length;
}

async function problemsOf(
  directory: string,
  file: string,
  { files }: LintContext,
  platforms: readonly Platform[],
): Promise<readonly LockProblem[]> {
  const text = await textOf(path.join(directory, file), longestLock);
  if (text === undefined) return [];
  const supported = await supportedBeside(path.posix.basename(file), async (name) => {
    const beside = path.posix.join(path.posix.dirname(file), name);
    return files.has(beside) ? await textOf(path.join(directory, beside), longestText) : undefined;
  });
  // Where there is no such file an editor need not wait for the readers.
  const { lockProblems } = await import("../build-context/lock-file/lock-file.ts");
  try {
    return lockProblems({ path: file, text, supported }, platforms) ?? [];
  } catch (error) {
    // What is no lock file decides nothing: its own tool will say so.
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

/** Nothing for what is larger, is no file, or cannot be read. */
async function textOf(place: string, longest: number): Promise<string | undefined> {
  try {
    await using opened = await open(place);
    const found = await opened.stat();
    if (!found.isFile() || found.size > longest) return undefined;
    return (await opened.readFile("utf8")).replace(/^\u{feff}/u, "");
  } catch {
    return undefined;
  }
}
