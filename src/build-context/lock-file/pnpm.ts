/** `pnpm-lock.yaml`, of the versions 5 to 9 (pnpm/spec, lockfile). */
import type { Platform } from "../../platform/platform.ts";
import { platformInName } from "../platform-name.ts";
import type { LockFile, LockProblem, Supported } from "./lock.ts";
import { missingPackages, type OptionalDependencies } from "./optional.ts";
import { childrenOf, type Outline, readOutline } from "./outline.ts";
import { unsupportedSentence } from "./supported.ts";

export function readPnpmLock(
  { path, text, supported }: LockFile,
  platforms: readonly Platform[],
): readonly LockProblem[] {
  const outline = readOutline(text);
  if (!outline.children.some(({ key }) => key === "lockfileVersion")) {
    throw new SyntaxError("it is not a lock file of pnpm");
  }
  const packages = childrenOf(outline, "packages");
  const held = new Set(packages.map(({ key }) => identity(key)));
  const parents = [...packages, ...childrenOf(outline, "snapshots")].flatMap((one) =>
    optionalDependencies(one, held),
  );
  const isNative = packages.some(({ key }) => platformInName(nameOf(key)) !== undefined);
  return platforms.flatMap((platform): readonly LockProblem[] => {
    const missing = missingPackages(path, parents, platform);
    const left = isNative ? leftOut(supported, platform) : undefined;
    return [
      ...(missing === undefined
        ? []
        : [{ platform, fix: "rm pnpm-lock.yaml && pnpm install", ...missing }]),
      ...(left === undefined ? [] : [{ platform, ...left }]),
    ];
  });
}

function leftOut(supported: Supported | undefined, platform: Platform) {
  const detail = supported && unsupportedSentence(supported, platform);
  const fix = `Add current to the lists of supportedArchitectures in ${supported?.file}.`;
  return detail === undefined ? undefined : { detail, fix };
}

function optionalDependencies(
  entry: Outline,
  held: ReadonlySet<string>,
): readonly OptionalDependencies[] {
  const optional = childrenOf(entry, "optionalDependencies");
  if (optional.length === 0) return [];
  const versions = new Map(optional.map(({ key, value }) => [key, value]));
  return [
    {
      parent: nameOf(entry.key),
      names: [...versions.keys()],
      holds: (name) => held.has(identity(`${name}@${versions.get(name) ?? ""}`)),
    },
  ];
}

/** `esbuild@0.21.5` of `/esbuild@0.21.5(peer@1)`, `/esbuild/0.21.5_peer@1` and `esbuild@0.21.5`. */
function identity(key: string): string {
  const name = nameOf(key);
  const version = key.slice(key.startsWith("/") ? name.length + 2 : name.length + 1);
  return `${name}@${version.replace(/[(_].*$/s, "")}`;
}

function nameOf(key: string): string {
  const [, name = key] = /^\/?((?:@[^/@]+\/)?[^/@]+)[@/]/.exec(key) ?? [];
  return name;
}
