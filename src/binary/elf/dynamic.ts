/** What the dynamic section says, its names resolved (System V gABI, chapter 5; glibc, `elf/get-dynamic-info.h`). */
import { type DynamicSection, dynamicTags, isBoundNow } from "./dynamic-section.ts";
import type { ElfDynamic } from "./elf.ts";
import type { VersionTables } from "./versions.ts";

/** `DF_1_NODEFLIB`, `DF_1_PIE`. */
const flags1 = { noDefaultLibraries: 0x800, pie: 0x08000000 } as const;

/** Resolves its names. */
export function readDynamic(
  { values, lists, names }: DynamicSection,
  { needs, definitions }: VersionTables,
): ElfDynamic {
  const nameOf = (value: number | undefined) =>
    value === undefined ? undefined : names?.at(value);
  const namesOf = (...tags: readonly number[]) =>
    lists
      .filter(({ tag }) => tags.includes(tag))
      .map(({ value }) => nameOf(value))
      .filter((name) => name !== undefined);
  const more = values.get(dynamicTags.flags1) ?? 0;
  const soname = nameOf(values.get(dynamicTags.soname));
  const rpath = nameOf(values.get(dynamicTags.rpath));
  const runpath = nameOf(values.get(dynamicTags.runpath));
  const versionDefinitions = definitions?.filter(({ isBase }) => !isBase).map(({ name }) => name);
  return {
    needed: namesOf(dynamicTags.needed),
    ...(soname === undefined ? {} : { soname }),
    ...(rpath === undefined ? {} : { rpath }),
    ...(runpath === undefined ? {} : { runpath }),
    bindNow: isBoundNow(values),
    noDefaultLibraries: (more & flags1.noDefaultLibraries) !== 0,
    isPie: (more & flags1.pie) !== 0,
    filters: namesOf(dynamicTags.filter),
    auxiliaries: namesOf(dynamicTags.auxiliary),
    versionNeeds: needs.map(({ library, versions }) => ({
      library,
      versions: versions.map(({ name, isWeak }) => ({ name, isWeak })),
    })),
    ...(versionDefinitions === undefined ? {} : { versionDefinitions }),
  };
}
