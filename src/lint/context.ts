/** What lint knows of the build context: gathered beside a Dockerfile, and handed to the rules as data. */
import { stat } from "node:fs/promises";
import type { Artefact } from "../build-context/artefact.ts";
import { walkContext } from "../build-context/walk.ts";
import { type IgnoreFile, ignoreFileOf } from "../dockerfile/ignore-file.ts";
import { isIgnored } from "../dockerfile/ignore.ts";
import type { Platform } from "../platform/platform.ts";
import { isRead } from "./project-files.ts";

export interface LintContext {
  /** Where there is none it has no patterns, and the path that it would have. */
  readonly ignoreFile: IgnoreFile;
  /** Installed or compiled on this machine, and sent to the builder. */
  readonly artefacts: readonly Artefact[];
  /** The files of {@link projectFiles} and those that tools read ({@link isRead}), as far as they are sent to the builder. */
  readonly files: ReadonlySet<string>;
}

/** The files that say what is installed or compiled beside them, and where. */
const projectFiles: ReadonlySet<string> = new Set([
  "package.json",
  ".pnp.cjs",
  "pyproject.toml",
  "Gemfile",
  "Cargo.toml",
]);

/** Whether files of that name are looked for in a context. */
export function isContextFile(name: string): boolean {
  return projectFiles.has(name) || isRead(name);
}

/** An editor waits for it. In milliseconds, of one context and of all that a run looks at. */
const [patience, patienceOfAll] = [50, 1000];

/** Once all patience is used up. */
const leastPatience = 5;

const limits = { entries: 40_000, depth: 20, opened: 500, fewest: 500 };

/** Reads contexts: the directory, and the Dockerfile whose own ignore file goes before the directory's. */
export type ContextReader = (
  directory: string,
  dockerfile: string,
) => Promise<LintContext | undefined>;

/** A reader that looks at the same directory once. It gives nothing for what is no directory, or has an ignore file that no builder takes. */
export function contextReader(platforms: readonly Platform[], signal: AbortSignal): ContextReader {
  const known = new Map<string, LintContext>();
  let left = patienceOfAll;
  return async (directory, dockerfile) => {
    if (!(await isDirectory(directory))) return undefined;
    const ignoreFile = await ignoreFileOf(directory, dockerfile);
    if ("error" in ignoreFile) return undefined;
    const key = `${directory}\0${ignoreFile.path}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const begun = performance.now();
    const milliseconds = Math.max(leastPatience, Math.min(patience, left));
    const { patterns } = ignoreFile;
    const asked = {
      platforms,
      signal,
      isWanted: isContextFile,
      limits: { ...limits, milliseconds },
    };
    const { artefacts, files } = await walkContext({ context: directory, patterns, ...asked });
    left -= performance.now() - begun;
    const sent = artefacts.filter(
      ({ path: at, proof }) => proof !== undefined || !isIgnored(at, patterns),
    );
    const found = { ignoreFile, artefacts: sent, files: new Set(files) };
    known.set(key, found);
    return found;
  };
}

export async function isDirectory(place: string): Promise<boolean> {
  const found = await stat(place).catch(() => undefined);
  return found?.isDirectory() ?? false;
}
