/** `package-lock.json` and `npm-shrinkwrap.json` of the versions 2 and 3 (docs.npmjs.com, "package-lock.json"). */
import type { LockFile, LockProblem } from "./lock.ts";
import type { Platform } from "../../platform/platform.ts";
import { missingPackages, type OptionalDependencies } from "./optional.ts";

interface Package {
  readonly name?: string;
  readonly isForDevelopment: boolean;
  /** Their names. */
  readonly optionalDependencies: readonly string[];
}

type Packages = ReadonlyMap<string, Package>;

export function readNpmLock(
  { path, text }: LockFile,
  platforms: readonly Platform[],
): readonly LockProblem[] {
  const parents = optionalDependencies(parse(text));
  return platforms.flatMap((platform) => {
    const missing = missingPackages(path, parents, platform);
    // Seen with npm 11.19: it completes the file. Older ones keep what they find there and in node_modules.
    const fix =
      "npm install --package-lock-only (npm 11); with an older npm: rm -rf node_modules package-lock.json && npm install";
    return missing === undefined ? [] : [{ platform, fix, ...missing }];
  });
}

function parse(text: string): Packages {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError("it is not JSON", { cause: error });
  }
  // Without zod, which takes longer to load than most lock files to read.
  const { lockfileVersion, packages } = objectOf(document);
  if (typeof lockfileVersion !== "number") throw new SyntaxError(notOurs);
  if (packages === undefined) {
    throw new SyntaxError(`its version ${lockfileVersion} does not tell packages' platforms`);
  }
  return new Map(Object.entries(objectOf(packages)).map(([place, one]) => [place, packageOf(one)]));
}

const notOurs = "it is not a lock file of npm";

function packageOf(value: unknown): Package {
  const { name, dev, devOptional, optionalDependencies: optional = {} } = objectOf(value);
  return {
    ...(typeof name === "string" ? { name } : {}),
    isForDevelopment: dev === true || devOptional === true,
    optionalDependencies: Object.keys(objectOf(optional)),
  };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (!isObject(value)) throw new SyntaxError(notOurs);
  return value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function optionalDependencies(packages: Packages): readonly OptionalDependencies[] {
  return [...packages].flatMap(
    ([place, { name, isForDevelopment, optionalDependencies: names }]) => {
      if (names.length === 0) return [];
      const parent = place.split("node_modules/").at(-1) || (name ?? "the project itself");
      const holds = (wanted: string) => isFound(packages, place, wanted);
      return [{ parent, names, holds, isForDevelopment }];
    },
  );
}

/** Whether Node finds the package from there: in the place's own node_modules or in those above. */
function isFound(packages: Packages, place: string, name: string): boolean {
  for (let from = place; ; from = from.slice(0, Math.max(0, from.lastIndexOf("/")))) {
    const at = `${from === "" ? "" : `${from}/`}node_modules/${name}`;
    if (packages.has(at)) return true;
    if (from === "") return false;
  }
}
