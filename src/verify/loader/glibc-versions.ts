/** Whether each library defines the versions that are asked of it, by name (glibc, `elf/dl-version.c`). */
import type { LoadedObject, LoadProblem } from "./load.ts";

/** The versions that are missing, all of them: the loader lists them before it ends. */
export function versionProblems(
  objects: readonly LoadedObject[],
  byName: ReadonlyMap<string, LoadedObject>,
): readonly LoadProblem[] {
  return objects.flatMap((by) =>
    (by.elf.dynamic?.versionNeeds ?? []).flatMap(({ library, versions }) => {
      const provider = byName.get(library);
      if (provider === undefined) return [notLoaded(by, library)];
      const defined = provider.elf.dynamic?.versionDefinitions;
      // A library without any versions is only warned about.
      if (defined === undefined) return [];
      return versions
        .filter(({ name, isWeak }) => !isWeak && !defined.includes(name) && !isBase(provider, name))
        .map(({ name }) => versionMissing(by, provider, name));
    }),
  );
}

/** The base version is named as the library is. */
function isBase({ elf }: LoadedObject, name: string): boolean {
  return elf.dynamic?.soname === name;
}

function versionMissing(by: LoadedObject, provider: LoadedObject, version: string): LoadProblem {
  return {
    rule: "version-missing",
    by,
    wants: version,
    at: provider,
    message: `${by.path} wants version ${version} of ${provider.path}, which does not define it.`,
    sentence: `${provider.name}: version \`${version}' not found (required by ${by.name})`,
  };
}

/** It asks for versions of a library that it does not name as needed: the loader's own assertion fails. */
function notLoaded(by: LoadedObject, library: string): LoadProblem {
  return {
    rule: "version-missing",
    by,
    wants: library,
    message: `${by.path} wants versions of ${library}, and nothing loads that library.`,
    sentence: "Inconsistency detected by ld.so",
  };
}
