/**
 * Native packages for Node: a parent lists one package for each platform as an optional dependency, and an installer takes what
 * fits. A lock file that lacks the one of a platform installs the parent without it there, in silence (npm/cli, issue 4828).
 */
import { formatPlatform, type Platform } from "../../platform/platform.ts";
import { listed } from "../listed.ts";
import type { LockProblem } from "./lock.ts";
import { isNamedFor, platformInName } from "../platform-name.ts";

export interface OptionalDependencies {
  readonly parent: string;
  readonly names: readonly string[];
  /** Whether the lock file has it, for this parent. */
  readonly holds: (name: string) => boolean;
  /** Whether the parent is there for development alone, where the lock file tells. */
  readonly isForDevelopment?: boolean;
}

interface Missing {
  readonly parent: string;
  /** Any of them would do: they differ in the C library. */
  readonly wanted: readonly string[];
  /** What is there instead. */
  readonly held: readonly string[];
  readonly isForDevelopment?: boolean | undefined;
}

/** What the platform lacks; `undefined` where it lacks nothing. */
export function missingPackages(
  file: string,
  parents: readonly OptionalDependencies[],
  platform: Platform,
): Pick<LockProblem, "detail" | "failure" | "isInProduction"> | undefined {
  const missing = parents.flatMap((one) => missingOf(one, platform));
  const [first] = missing;
  if (first === undefined) return undefined;
  const byParent = Map.groupBy(missing, ({ parent }) => parent);
  const named = Array.from(
    byParent,
    ([parent, families]) => `${parent} (${families[0]?.wanted.join(" or ")})`,
  );
  return {
    detail: `${file} lacks what ${listed(named)} ${byParent.size === 1 ? "needs" : "need"} on ${formatPlatform(platform)}, though it has ${first.held[0]}.`,
    failure: `Error: Cannot find module '${first.wanted[0]}'`,
    ...(missing.every(({ isForDevelopment }) => isForDevelopment !== undefined)
      ? { isInProduction: missing.some(({ isForDevelopment }) => isForDevelopment === false) }
      : {}),
  };
}

/** Of each family of packages that has some in the lock file, but none for the platform: those for the platform. */
function missingOf(
  { parent, names, holds, isForDevelopment }: OptionalDependencies,
  platform: Platform,
): readonly Missing[] {
  const isWanted = (name: string) => {
    const named = platformInName(name);
    return named !== undefined && isNamedFor(named, platform);
  };
  const families = Map.groupBy(names, (name) => platformInName(name)?.family);
  return Array.from(families, ([family, members]) => {
    const wanted = family === undefined ? [] : members.filter(isWanted);
    return { parent, wanted, held: members.filter(holds), isForDevelopment };
  }).filter(({ wanted, held }) => wanted.length > 0 && held.length > 0 && !wanted.some(holds));
}
