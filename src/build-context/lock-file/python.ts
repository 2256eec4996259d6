/** Lock files of Python that leave a platform without a package: it has no wheel for it there, and no sources to build one from. */
import { machineOf } from "../../platform/machine.ts";
import { formatPlatform, type Platform } from "../../platform/platform.ts";
import { listed } from "../listed.ts";
import type { LockFile, LockProblem } from "./lock.ts";
import { type LockedPackage, readPackages } from "./packages.ts";
import { asksForPlatform, isLinuxWheel, wheelServes } from "./wheel.ts";

/** `uv.lock` (docs.astral.sh/uv, "Locking and syncing"): which packages a project really needs is known. */
export function readUvLock(
  { path, text }: LockFile,
  platforms: readonly Platform[],
): readonly LockProblem[] {
  if (!/^version = \d/m.test(text)) throw new SyntaxError("it is not a lock file of uv");
  const packages = readPackages(text);
  const needed = unconditional(packages);
  const wanted = packages.filter(
    // What is locked several times is locked for several platforms.
    ({ name, keys }) => needed.has(name) && !keys.has("resolution-markers"),
  );
  return problems(
    { path, packages: wanted, fix: uvFix, failure: uvFailure, isInProduction: true },
    platforms,
  );
}

/** `poetry.lock` (python-poetry.org). The project's own dependencies do not stand in it. */
export function readPoetryLock(
  { path, text }: LockFile,
  platforms: readonly Platform[],
): readonly LockProblem[] {
  if (!/^lock-version = |^\[metadata\]/m.test(text))
    throw new SyntaxError("it is not a lock file of Poetry");
  const packages = readPackages(text);
  const needed = new Set(packages.flatMap(namesNeeded));
  const wanted = packages.filter(({ name, keys, files }) => {
    if (asksForPlatform(keys.get("markers")) || keys.get("optional") === "true") return false;
    return needed.has(name) || files.some(isLinuxWheel);
  });
  return problems({ path, packages: wanted, fix: poetryFix, failure: poetryFailure }, platforms);
}

/** `requirements.txt` (pip.pypa.io, "Requirements file format"): only a wheel that is named by its file is bound to a platform. */
export function readRequirements(
  { path, text }: LockFile,
  platforms: readonly Platform[],
): readonly LockProblem[] {
  const lines = text
    .replaceAll(/\\\r?\n/g, " ")
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, ""))
    .filter((line) => !asksForPlatform(line.split(";")[1]));
  const wheels = lines
    .flatMap((line) => line.split(/[\s"'=@/#;]+/))
    .filter((word) => /\.whl$/i.test(word));
  return platforms.flatMap((platform) => {
    const wrong = wheels.filter((wheel) => !wheelServes(wheel, platform));
    if (wrong.length === 0) return [];
    const detail = `${path} names wheels that ${formatPlatform(platform)} does not take: ${listed(wrong)}.`;
    const fix = `Name the package and its version instead, or give the line a marker: ; platform_machine == '${machineOf(platform)}'`;
    const [first = ""] = wrong;
    const failure = `ERROR: ${first} is not a supported wheel on this platform.`;
    return [{ platform, detail, fix, failure }];
  });
}

function uvFix(platform: Platform): string {
  return `Add "sys_platform == 'linux' and platform_machine == '${machineOf(platform)}'" to required-environments of [tool.uv] in pyproject.toml, then: uv lock`;
}

function poetryFix(): string {
  return "Choose a version that has a wheel for it, then: poetry lock";
}

/** uv 0.5 and later. */
function uvFailure({ name, version }: LockedPackage): string {
  return `error: Distribution \`${name}==${version} @ registry+https://pypi.org/simple\` can't be installed because it doesn't have a source distribution or wheel for the current platform`;
}

function poetryFailure({ name, version }: LockedPackage): string {
  return `Unable to find installation candidates for ${name} (${version})`;
}

interface Locked {
  readonly path: string;
  readonly packages: readonly LockedPackage[];
  readonly fix: (platform: Platform) => string;
  readonly failure: (lacking: LockedPackage) => string;
  readonly isInProduction?: boolean;
}

function problems(
  { path, packages, fix, failure, ...sure }: Locked,
  platforms: readonly Platform[],
): readonly LockProblem[] {
  const bound = packages.filter(
    ({ files }) => files.length > 0 && files.every((file) => /\.whl$/i.test(file)),
  );
  return platforms.flatMap((platform) => {
    const lacking = bound.filter(({ files }) => !files.some((file) => wheelServes(file, platform)));
    const [first] = lacking;
    if (first === undefined) return [];
    const names = lacking.map(({ name, version }) => `${name} ${version}`);
    const detail = `${path} has neither a wheel for ${formatPlatform(platform)} nor the sources of ${listed(names)}.`;
    return [{ platform, detail, fix: fix(platform), failure: failure(first), ...sure }];
  });
}

/** What the projects in the lock file need on every platform. */
function unconditional(packages: readonly LockedPackage[]): ReadonlySet<string> {
  const byName = Map.groupBy(packages, ({ name }) => name);
  const found = new Set<string>();
  const queue = packages.filter(isOwn);
  for (const one of queue) {
    for (const name of namesNeeded(one)) {
      if (found.has(name)) continue;
      found.add(name);
      queue.push(...(byName.get(name) ?? []));
    }
  }
  return found;
}

/** A project that is locked here, not a package that it needs. */
function isOwn({ keys }: LockedPackage): boolean {
  return /^\{ (?:editable|virtual|directory) = /.test(keys.get("source") ?? "");
}

function namesNeeded({ dependencies }: LockedPackage): readonly string[] {
  return dependencies.filter(({ marker }) => !asksForPlatform(marker)).map(({ name }) => name);
}
