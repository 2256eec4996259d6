/** The versions of symbols in an ELF file of a test: their numbers, `.gnu.version`, `.gnu.version_r`, `.gnu.version_d`. */
import type { ElfFileOptions } from "./elf-file.ts";
import type { Export, Import } from "./tables.ts";
import { type ElfFormat, ElfWriter, type NameTable } from "./writer.ts";

export interface VersionOptions {
  /** The versions that it asks of each library; one that begins with `?` is weak. Those of imports may be left to the first needed library. */
  readonly versionNeeds?: Readonly<Record<string, readonly string[]>>;
  /** The versions that it defines, in the order of their numbers; those of exports are added. */
  readonly versionDefinitions?: readonly string[];
}

export interface Versions {
  /** A version's number in `.gnu.version`, from 2 on; definitions first. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly definitions: readonly string[];
  readonly needs: readonly (readonly [string, readonly string[]])[];
}

function versionsOf(symbols: readonly { readonly version?: string }[]): readonly string[] {
  return symbols.map(({ version }) => version).filter((version) => version !== undefined);
}

export function numberVersions(
  { versionNeeds: stated = {}, versionDefinitions: defined = [], needed = [] }: ElfFileOptions,
  imports: readonly Import[],
  exports: readonly Export[],
): Versions {
  const definitions = [...new Set([...defined, ...versionsOf(exports)])];
  const needs = new Map(Object.entries(stated).map(([library, list]) => [library, [...list]]));
  const known = new Set([...needs.values()].flat().map(unmarked));
  for (const version of new Set(versionsOf(imports))) {
    if (known.has(version)) continue;
    const library = needed[0] ?? "libc.so.6";
    needs.set(library, [...(needs.get(library) ?? []), version]);
  }
  const asked = [...needs.values()].flat().map(unmarked);
  // The base version, which is the file itself, has number 1.
  const numbers = new Map([...definitions, ...asked].map((version, index) => [version, index + 2]));
  return { numbers, definitions, needs: [...needs] };
}

/** A version's name without the mark of a weak one. */
function unmarked(version: string): string {
  return version.replace(/^\?/, "");
}

export function versionsOfSymbols(
  format: ElfFormat,
  { numbers }: Versions,
  imports: readonly Import[],
  exports: readonly Export[],
): Buffer {
  const number = (version: string | undefined, other: number) =>
    version === undefined ? other : (numbers.get(version) ?? other);
  return new ElfWriter(format)
    .half(0)
    .half(...imports.map(({ version }) => number(version, 0)))
    .half(...exports.map(({ version, isHidden }) => number(version, 1) + (isHidden ? 0x8000 : 0)))
    .done();
}

export function versionNeeds(
  format: ElfFormat,
  names: NameTable,
  { needs, numbers }: Versions,
): Buffer {
  const writer = new ElfWriter(format);
  for (const [index, [library, versions]] of needs.entries()) {
    const isLast = index === needs.length - 1;
    writer.half(1, versions.length);
    writer.int(names.place(library), 16, isLast ? 0 : 16 + versions.length * 16);
    for (const [at, text] of versions.entries()) {
      const version = unmarked(text);
      writer.int(oldHashOf(version)).half(text.startsWith("?") ? 2 : 0, numbers.get(version) ?? 0);
      writer.int(names.place(version), at === versions.length - 1 ? 0 : 16);
    }
  }
  return writer.done();
}

export function versionDefinitions(
  format: ElfFormat,
  names: NameTable,
  { definitions, numbers }: Versions,
  soname: string,
): Buffer {
  const writer = new ElfWriter(format);
  for (const [index, version] of [soname, ...definitions].entries()) {
    const isLast = index === definitions.length;
    writer.half(1, index === 0 ? 1 : 0, index === 0 ? 1 : (numbers.get(version) ?? 0), 1);
    writer.int(oldHashOf(version), 20, isLast ? 0 : 28, names.place(version), 0);
  }
  return writer.done();
}

function oldHashOf(name: string): number {
  let hash = 0;
  for (const byte of Buffer.from(name)) {
    hash = (hash * 16 + byte) % 2 ** 32;
    const high = Math.floor(hash / 2 ** 28);
    hash = (hash ^ (high << 4)) & 0x0fffffff;
  }
  return hash;
}
