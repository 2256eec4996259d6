/** Where glibc's loader looks for a library, in its order (glibc, `elf/dl-load.c`, `_dl_map_new_object`; ld.so(8)). */
import path from "node:path";
import type { Container } from "../container.ts";
import { formatCpuLevel } from "../cpu.ts";
import { type Candidate, type Errno, goesOn, type ProcessAbi, tryFile } from "./candidate.ts";
import type { GlibcBuild } from "./flavour.ts";
import type { LoadedObject, SkippedFile } from "./load.ts";
import { beginsWithOrigin, expandTokens, hasOrigin } from "./tokens.ts";

/** What the search of one process stands on. */
export interface SearchContext {
  readonly container: Container;
  readonly abi: ProcessAbi;
  readonly build: GlibcBuild;
  /** The program: its RPATH is searched for libraries without RUNPATH as well. */
  readonly program: LoadedObject;
  /** A set-user-id program, or one with capabilities (`AT_SECURE`): less is trusted. */
  readonly isSecure: boolean;
  /** Found by cache and default directories alone, so the same for every program: by name. */
  readonly shared: Map<string, Found>;
  readonly trace: (line: string) => void;
}

export interface Found {
  readonly candidate: Candidate;
  /** The path as the loader puts it together. */
  readonly name: string;
  readonly foundBy: string;
  readonly skipped: readonly SkippedFile[];
  /** A file of the other class was seen. */
  readonly isOtherClass: boolean;
  /** Where nothing was found: the last error; absent where nothing was tried. */
  readonly errno?: Errno;
}

/** Looks for a name without a slash. */
export function searchLibrary(
  context: SearchContext,
  wanted: string,
  requester: LoadedObject,
): Found {
  const seen: Seen = { skipped: [], isOtherClass: false, errno: undefined };
  for (const { by, directories } of ownStages(context, requester)) {
    const names = directories.map((directory) => `${directory}${wanted}`);
    const found = tryNames(context, names, by, seen);
    if (found !== undefined) return found;
  }
  const shared = searchShared(context, wanted, requester);
  const isAbsent = shared.candidate.outcome === "absent";
  // The errno that is told is the last one.
  const errno = isAbsent ? (shared.errno ?? seen.errno) : undefined;
  return {
    ...shared,
    ...(errno === undefined ? {} : { errno }),
    skipped: [...seen.skipped, ...shared.skipped],
    isOtherClass: seen.isOtherClass || shared.isOtherClass,
  };
}

/** What a search has met so far. */
interface Seen {
  readonly skipped: SkippedFile[];
  isOtherClass: boolean;
  errno: Errno | undefined;
}

/** Tries one path's names in order; the end of the search, or `undefined` where it goes on elsewhere. */
function tryNames(
  { container, abi, trace }: SearchContext,
  names: readonly string[],
  by: string,
  seen: Seen,
): Found | undefined {
  for (const name of names) {
    const candidate = tryFile(container, name, abi);
    trace(`  ${by}: ${name}: ${describe(candidate)}`);
    switch (candidate.outcome) {
      case "taken":
      case "unusable":
        return { candidate, name, foundBy: by, skipped: seen.skipped, isOtherClass: false };
      case "skipped":
        seen.skipped.push({ path: candidate.located.path, why: candidate.why });
        seen.isOtherClass ||= candidate.isOtherClass;
        seen.errno = "No such file or directory";
        break;
      case "absent":
        seen.errno = candidate.errno;
        if (!goesOn(candidate.errno)) return undefined;
        break;
    }
  }
  return undefined;
}

interface Stage {
  readonly by: string;
  /** With a trailing slash. */
  readonly directories: readonly string[];
}

/** What depends on who asks: RPATH up the chain, LD_LIBRARY_PATH, the requester's RUNPATH. */
function* ownStages(context: SearchContext, requester: LoadedObject): Generator<Stage> {
  const { container, program, isSecure } = context;
  if (requester.elf.dynamic?.runpath === undefined) {
    let isProgramDone = false;
    for (let at: LoadedObject | undefined = requester; at !== undefined; at = at.requestedBy) {
      yield* rpathStage(context, at);
      isProgramDone ||= at === program;
    }
    if (!isProgramDone) yield* rpathStage(context, program);
  }
  const library = container.environment.get("LD_LIBRARY_PATH");
  if (library !== undefined && library !== "" && !isSecure) {
    const directories = pathsOf(context, program, library.split(/[:;]/));
    yield { by: "LD_LIBRARY_PATH", directories };
  }
  const { runpath } = requester.elf.dynamic ?? {};
  if (runpath !== undefined && runpath !== "") {
    const directories = pathsOf(context, requester, runpath.split(":"));
    yield { by: `RUNPATH of ${requester.name}`, directories };
  }
}

function* rpathStage(context: SearchContext, object: LoadedObject): Generator<Stage> {
  const { rpath, runpath } = object.elf.dynamic ?? {};
  if (rpath === undefined || rpath === "" || runpath !== undefined) return;
  yield { by: `RPATH of ${object.name}`, directories: pathsOf(context, object, rpath.split(":")) };
}

/** The directories of a path, tokens replaced; an empty element is the working directory (`fillin_rpath`). */
function pathsOf(
  context: SearchContext,
  object: LoadedObject,
  elements: readonly string[],
): readonly string[] {
  const directories = elements.flatMap((element) => {
    if (element === "") return [""];
    const expanded = expandPath(context, object, element);
    return expanded === undefined ? [] : [expanded.replace(/\/*$/, "/")];
  });
  return withHwcaps(context, [...new Set(directories)]);
}

/** `undefined` where a set-user-id program may not use it (`_dl_dst_substitute`). */
function expandPath(
  { build, isSecure, program }: SearchContext,
  object: LoadedObject,
  element: string,
): string | undefined {
  const origin = path.posix.dirname(object.path);
  const expanded = expandTokens(element, { origin, lib: build.lib, platform: build.platform });
  if (!isSecure || !hasOrigin(element)) return expanded;
  if (!beginsWithOrigin(element)) return undefined;
  if (object !== program) return expanded;
  const normal = `${path.posix.normalize(expanded).replace(/\/$/, "")}/`;
  return build.directories.some((trusted) => normal.startsWith(trusted)) ? expanded : undefined;
}

/** A subdirectory for the processor comes first, where the processor is known (glibc 2.33, "glibc-hwcaps"). */
function withHwcaps(
  { container: { cpu } }: SearchContext,
  directories: readonly string[],
): readonly string[] {
  if (cpu === undefined) return directories;
  const levels = [4, 3, 2].filter((level) => level <= cpu.level);
  return directories.flatMap((directory) => [
    ...levels.map((level) => `${directory}glibc-hwcaps/${formatCpuLevel(level)}/`),
    directory,
  ]);
}

/** The cache, then the default directories: the same for all who ask. */
function searchShared(context: SearchContext, wanted: string, requester: LoadedObject): Found {
  const isLimited = requester.elf.dynamic?.noDefaultLibraries ?? false;
  if (isLimited) return searchCacheAndDefaults(context, wanted, true);
  const known = context.shared.get(wanted);
  if (known !== undefined) {
    context.trace(`  ${known.foundBy}: ${known.name}: ${describe(known.candidate)}`);
    return known;
  }
  const found = searchCacheAndDefaults(context, wanted, false);
  context.shared.set(wanted, found);
  return found;
}

function searchCacheAndDefaults(context: SearchContext, wanted: string, isLimited: boolean): Found {
  const { build, trace } = context;
  const seen: Seen = { skipped: [], isOtherClass: false, errno: undefined };
  const cached = cachedPath(context, wanted);
  const isInDefault = build.directories.some((one) => cached?.startsWith(one) ?? false);
  if (cached === undefined) trace(`  /etc/ld.so.cache: no entry for ${wanted}`);
  else if (!(isLimited && isInDefault)) {
    const found = tryNames(context, [cached], "/etc/ld.so.cache", seen);
    if (found !== undefined) return found;
  }
  const directories = isLimited ? [] : withHwcaps(context, build.directories);
  const names = directories.map((directory) => `${directory}${wanted}`);
  const found = tryNames(context, names, "default directory", seen);
  if (found !== undefined) return found;
  const { skipped, isOtherClass, errno } = seen;
  const nothing = { outcome: "absent", errno: errno ?? "No such file or directory" } as const;
  return {
    candidate: nothing,
    name: wanted,
    foundBy: "nothing",
    skipped,
    isOtherClass,
    ...(errno === undefined ? {} : { errno }),
  };
}

/** The entry of the cache that the loader takes: the first of that name, its flags and a processor that is there. */
function cachedPath({ container, build }: SearchContext, wanted: string): string | undefined {
  const found = container.tree.lookup("/etc/ld.so.cache");
  const content = found.outcome === "found" ? found.node.entry.content : undefined;
  if (content?.kind !== "loader-cache") return undefined;
  const level = container.cpu?.level ?? 1;
  return content.cache.entries.find(({ soname, flags, hwcap, isLegacy }) => {
    if (soname !== wanted || isLegacy === true || !build.cacheFlags.includes(flags)) return false;
    return hwcap === undefined || Number(/^x86-64-v([234])$/.exec(hwcap)?.[1] ?? 9) <= level;
  })?.path;
}

function describe(candidate: Candidate): string {
  switch (candidate.outcome) {
    case "taken":
      return "found";
    case "absent":
      return candidate.errno === "No such file or directory" ? "not there" : candidate.errno;
    case "skipped":
      return `passed over, ${candidate.why}`;
    case "unusable":
      return candidate.problem;
  }
}
