/** `yarn.lock`, of Yarn 1 (classic.yarnpkg.com, "yarn.lock") and of the later ones, whose format is another. */
import type { Platform } from "../../platform/platform.ts";
import { platformInName } from "../platform-name.ts";
import type { LockFile, LockProblem } from "./lock.ts";
import { missingPackages, type OptionalDependencies } from "./optional.ts";
import { childrenOf, type Outline, readOutline } from "./outline.ts";
import { unsupportedSentence } from "./supported.ts";

export function readYarnLock(
  { path, text, supported }: LockFile,
  platforms: readonly Platform[],
): readonly LockProblem[] {
  const { children } = readOutline(text);
  const isModern = children.some(({ key }) => key === "__metadata");
  if (!isModern && !/^# yarn lockfile v1/m.test(text)) {
    throw new SyntaxError("it is not a lock file of Yarn");
  }
  const held = new Set(children.flatMap(({ key }) => key.split(/, */)));
  const parents = children.flatMap((one) => optionalDependencies(one, held));
  const isNative = children.some(({ key }) => platformInName(nameOf(key)) !== undefined);
  const counting = isModern && isNative ? supported : undefined;
  return platforms.flatMap((platform): readonly LockProblem[] => {
    const missing = missingPackages(path, parents, platform);
    const left = counting && unsupportedSentence(counting, platform);
    const again = "rm yarn.lock && yarn install";
    const fix = "Add current to the lists of supportedArchitectures in .yarnrc.yml.";
    return [
      ...(missing === undefined ? [] : [{ platform, fix: again, ...missing }]),
      ...(left === undefined ? [] : [{ platform, detail: left, fix }]),
    ];
  });
}

function optionalDependencies(
  entry: Outline,
  held: ReadonlySet<string>,
): readonly OptionalDependencies[] {
  // The later ones write all dependencies in one list, and beside it which are optional.
  const marked = childrenOf(entry, "dependenciesMeta").filter((one) =>
    one.children.some(({ key, value }) => key === "optional" && value === "true"),
  );
  const isMarked = new Set(marked.map(({ key }) => key));
  const optional = [
    ...childrenOf(entry, "optionalDependencies"),
    ...childrenOf(entry, "dependencies").filter(({ key }) => isMarked.has(key)),
  ];
  if (optional.length === 0) return [];
  const ranges = new Map(optional.map(({ key, value }) => [key, value]));
  const holds = (name: string) => {
    const range = ranges.get(name) ?? "";
    return held.has(`${name}@${range}`) || held.has(`${name}@npm:${range}`);
  };
  return [{ parent: nameOf(entry.key), names: [...ranges.keys()], holds }];
}

function nameOf(descriptor: string): string {
  return descriptor.slice(0, Math.max(0, descriptor.indexOf("@", 1))) || descriptor;
}
