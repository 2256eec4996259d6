/** The versions that an object asks for and defines (Drepper, "ELF Symbol Versioning"; glibc, `elf/dl-version.c`). */
import { type DynamicSection, dynamicTags, tableOf } from "./dynamic-section.ts";
import type { ElfSource, ElfTable } from "./source.ts";

/** A library of `.gnu.version_r`. */
interface LibraryNeed {
  readonly library: string;
  readonly versions: readonly {
    readonly name: string;
    /** Its number in `.gnu.version`. */
    readonly index: number;
    readonly isWeak: boolean;
  }[];
}

/** An entry of `.gnu.version_d`. */
interface VersionDefinition {
  readonly name: string;
  readonly index: number;
  /** The base version is the file's own name: no symbol is asked of it. */
  readonly isBase: boolean;
}

/** `VER_FLG_BASE`, `VER_FLG_WEAK`. */
const versionFlags = { base: 1, weak: 2 } as const;

/** What `.gnu.version` keeps beside the number: the definition is not the default of its name. */
const hiddenBit = 0x8000;
export const versionIndexMask = 0x7fff;

/** The tables say their count nowhere but in themselves: this much is read of one. */
const mostTableBytes = 1024 * 1024;

/** No more entries than there are numbers. */
const mostEntries = versionIndexMask;

export interface VersionTables {
  readonly needs: readonly LibraryNeed[];
  /** Absent where it has no such table. */
  readonly definitions?: readonly VersionDefinition[];
}

export function readVersions(source: ElfSource, section: DynamicSection): VersionTables {
  const definitions = readDefinitions(source, section);
  return {
    needs: readNeeds(source, section),
    ...(definitions === undefined ? {} : { definitions }),
  };
}

export function isHidden(versionOfSymbol: number): boolean {
  return (versionOfSymbol & hiddenBit) !== 0;
}

function readNeeds(source: ElfSource, section: DynamicSection): readonly LibraryNeed[] {
  const { names } = section;
  const table = versionTable(source, section, dynamicTags.versionNeeds);
  if (table === undefined || names === undefined) return [];
  const half = (at: number) => table.view.getUint16(at, source.littleEndian);
  const word = (at: number) => table.view.getUint32(at, source.littleEndian);
  const needs: LibraryNeed[] = [];
  let left = mostEntries;
  for (const at of chain(table, 0, 16, (entry) => word(entry + 12))) {
    if ((left -= 1) < 0) break;
    const versions: LibraryNeed["versions"][number][] = [];
    for (const one of chain(table, at + word(at + 8), 16, (entry) => word(entry + 12))) {
      if ((left -= 1) < 0) break;
      const name = names.at(word(one + 8));
      if (name === undefined) continue;
      const isWeak = (half(one + 4) & versionFlags.weak) !== 0;
      versions.push({ name, index: half(one + 6) & versionIndexMask, isWeak });
    }
    const library = names.at(word(at + 4));
    if (library !== undefined) needs.push({ library, versions });
  }
  return needs;
}

function readDefinitions(
  source: ElfSource,
  section: DynamicSection,
): readonly VersionDefinition[] | undefined {
  const { names } = section;
  const table = versionTable(source, section, dynamicTags.versionDefinitions);
  if (table === undefined || names === undefined) return undefined;
  const half = (at: number) => table.view.getUint16(at, source.littleEndian);
  const word = (at: number) => table.view.getUint32(at, source.littleEndian);
  const definitions: VersionDefinition[] = [];
  for (const at of chain(table, 0, 20, (entry) => word(entry + 16))) {
    if (definitions.length >= mostEntries) break;
    // The first auxiliary entry names the version, the others those that it follows.
    const auxiliary = at + word(at + 12);
    if (auxiliary + 8 > table.bytes.byteLength) continue;
    const name = names.at(word(auxiliary));
    if (name === undefined) continue;
    const isBase = (half(at + 2) & versionFlags.base) !== 0;
    definitions.push({ name, index: half(at + 4) & versionIndexMask, isBase });
  }
  return definitions;
}

/** The name of each number in `.gnu.version`; the base version and the numbers 0 and 1 have none, as the loader has it. */
export function versionNames({
  needs,
  definitions = [],
}: VersionTables): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const { versions } of needs) {
    for (const { index, name } of versions) names.set(index, name);
  }
  for (const { index, name, isBase } of definitions) if (!isBase) names.set(index, name);
  return names;
}

function versionTable(
  source: ElfSource,
  section: DynamicSection,
  tag: number,
): ElfTable | undefined {
  const place = tableOf(section, tag, source);
  if (place === undefined) return undefined;
  return source.table(place.offset, Math.min(place.end - place.offset, mostTableBytes));
}

/** The places of the entries of a chain: each says how far on the next one is, and the last one 0. */
function* chain(
  { bytes }: ElfTable,
  first: number,
  entryBytes: number,
  nextOf: (at: number) => number,
): Generator<number> {
  for (let at = first; at + entryBytes <= bytes.byteLength;) {
    yield at;
    const step = nextOf(at);
    if (step === 0) return;
    at += step;
  }
}
