/** `package-lock.json` and `npm-shrinkwrap.json` of the versions 2 and 3 (docs.npmjs.com, "package-lock.json"). */
import * as z from "zod";
import type { LockFile, LockProblem } from "./lock.ts";
import type { Platform } from "../../platform/platform.ts";
import { missingPackages, type OptionalDependencies } from "./optional.ts";

const schema = z.object({
  lockfileVersion: z.number(),
  packages: z
    .record(
      z.string(),
      z.object({
        name: z.string().optional(),
        optionalDependencies: z.record(z.string(), z.string()).optional(),
      }),
    )
    .optional(),
});

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

type Packages = NonNullable<z.infer<typeof schema>["packages"]>;

function parse(text: string): Packages {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new SyntaxError("it is not JSON", { cause: error });
  }
  const read = schema.safeParse(document);
  if (!read.success) throw new SyntaxError("it is not a lock file of npm");
  const { packages, lockfileVersion } = read.data;
  if (packages === undefined) {
    throw new SyntaxError(`its version ${lockfileVersion} does not tell packages' platforms`);
  }
  return packages;
}

function optionalDependencies(packages: Packages): readonly OptionalDependencies[] {
  return Object.entries(packages).flatMap(([place, { name, optionalDependencies: optional }]) => {
    if (optional === undefined) return [];
    const parent = place.split("node_modules/").at(-1) || (name ?? "the project itself");
    const holds = (wanted: string) => isFound(packages, place, wanted);
    return [{ parent, names: Object.keys(optional), holds }];
  });
}

/** Whether Node finds the package from there: in the place's own node_modules or in those above. */
function isFound(packages: Packages, place: string, name: string): boolean {
  for (let from = place; ; from = from.slice(0, Math.max(0, from.lastIndexOf("/")))) {
    const at = `${from === "" ? "" : `${from}/`}node_modules/${name}`;
    if (Object.hasOwn(packages, at)) return true;
    if (from === "") return false;
  }
}
