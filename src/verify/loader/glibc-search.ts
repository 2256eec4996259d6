/** Where glibc's loader looks for a library, in its order (glibc, `elf/dl-load.c`, `_dl_map_new_object`; ld.so(8)). */
import path from "node:path";
import type { Container } from "../container.ts";
import { type Candidate, type ProcessAbi, tryFile } from "./candidate.ts";
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
  /** What the search ended with; an absent one carries the last errno. */
  readonly candidate: Candidate;
  /** The path as the loader puts it together. */
  readonly name: string;
  readonly foundBy: string;
  readonly skipped: readonly SkippedFile[];
  /** A file of the other class was seen. */
  readonly isOtherClass: boolean;
}

/** Looks for a name without a slash. */
export function searchLibrary(
  context: SearchContext,
  wanted: string,
  requester: LoadedObject,
): Found {
  const skipped: SkippedFile[] = [];
  let isOtherClass = false;
  let errno = "No such file or directory";
  for (const { by, directories } of ownStages(context, requester)) {
    for (const directory of directories) {
      const name = `${directory}${wanted}`;
      const candidate = tryFile(context.container, name, context.abi);
      context.trace(`  ${by}: ${name}: ${describe(candidate)}`);
      if (candidate.outcome === "taken" || candidate.outcome === "unusable")
        return { candidate, name, foundBy: by, skipped, isOtherClass };
      if (candidate.outcome === "absent") errno = candidate.errno;
      else {
        skipped.push({ path: candidate.located.path, why: candidate.why });
        isOtherClass ||= candidate.isOtherClass;
      }
    }
  }
  const shared = searchShared(context, wanted, requester);
  const isFound = shared.candidate.outcome !== "absent";
  return {
    ...shared,
    candidate:
      isFound || errno === "No such file or directory"
        ? shared.candidate
        : { outcome: "absent", errno },
    skipped: [...skipped, ...shared.skipped],
    isOtherClass: isOtherClass || shared.isOtherClass,
  };
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
    ...levels.map((level) => `${directory}glibc-hwcaps/x86-64-v${level}/`),
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
  const { container, abi, build, trace } = context;
  const skipped: SkippedFile[] = [];
  let isOtherClass = false;
  const attempt = (name: string, by: string): Found | undefined => {
    const candidate = tryFile(container, name, abi);
    trace(`  ${by}: ${name}: ${describe(candidate)}`);
    if (candidate.outcome === "skipped") {
      skipped.push({ path: candidate.located.path, why: candidate.why });
      isOtherClass ||= candidate.isOtherClass;
    }
    const isEnd = candidate.outcome === "taken" || candidate.outcome === "unusable";
    return isEnd ? { candidate, name, foundBy: by, skipped, isOtherClass } : undefined;
  };
  const cached = cachedPath(context, wanted);
  const isInDefault = build.directories.some((one) => cached?.startsWith(one) ?? false);
  if (cached === undefined) trace(`  /etc/ld.so.cache: no entry for ${wanted}`);
  if (cached !== undefined && !(isLimited && isInDefault)) {
    const found = attempt(cached, "/etc/ld.so.cache");
    if (found !== undefined) return found;
  }
  for (const directory of isLimited ? [] : withHwcaps(context, build.directories)) {
    const found = attempt(`${directory}${wanted}`, `default directory ${directory}`);
    if (found !== undefined) return found;
  }
  const candidate = { outcome: "absent", errno: "No such file or directory" } as const;
  return { candidate, name: wanted, foundBy: "nothing", skipped, isOtherClass };
}

/** The entry of the cache that the loader takes: the first of that name, its flags and a processor that is there. */
function cachedPath({ container, build }: SearchContext, wanted: string): string | undefined {
  const found = container.tree.lookup("/etc/ld.so.cache");
  const content = found.outcome === "found" ? found.node.entry.content : undefined;
  if (content?.kind !== "loader-cache") return undefined;
  const level = container.cpu?.level ?? 1;
  return content.cache.entries.find(({ soname, flags, hwcap }) => {
    if (soname !== wanted || !build.cacheFlags.includes(flags)) return false;
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
      return candidate.sentence;
  }
}
