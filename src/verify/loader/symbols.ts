/** Whether every symbol that a program and its libraries ask for is defined by one of them (glibc, `elf/dl-lookup.c`; musl, `do_relocs`). */
import {
  type ElfSymbols,
  type ImportedSymbol,
  provides,
  providesToMusl,
} from "../../binary/elf/symbols.ts";
import type { Load, LoadedObject, LoadProblem } from "./load.ts";

export interface SymbolCheck {
  /** What ends the start, in the order in which the loader relocates. */
  readonly problems: readonly LoadProblem[];
  /** Functions that are looked up when they are called, and will not be found then. */
  readonly lazy: readonly LoadProblem[];
  readonly unproven: readonly string[];
}

/** `symbolsOf` gives what is known of an object; `undefined` where its symbols were not kept. */
export function checkSymbols(
  load: Load,
  symbolsOf: (object: LoadedObject) => ElfSymbols | undefined,
  environment: ReadonlyMap<string, string>,
): SymbolCheck {
  const unread = load.objects.filter((object) => symbolsOf(object) === undefined);
  if (unread.length > 0) {
    const names = unread.map(({ path }) => path).join(", ");
    return { problems: [], lazy: [], unproven: [`The symbols of ${names} were not read.`] };
  }
  const scope = load.objects.map((object) => ({ object, symbols: symbolsOf(object) }));
  const hasVersionless =
    load.loader === "glibc" && scope.some(({ symbols }) => symbols?.exports.hasVersions === false);
  const problems: LoadProblem[] = [];
  const lazy: LoadProblem[] = [];
  // The last that was loaded is relocated first (`dl_main`).
  for (const { object, symbols } of load.loader === "glibc" ? scope.toReversed() : scope) {
    for (const symbol of symbols?.imports ?? []) {
      const unversioned = hasVersionless ? unversionedProvider(object, scope, symbol) : undefined;
      if (unversioned === undefined && (symbol.isWeak || isProvided(load, scope, symbol))) continue;
      const isLazy =
        load.loader === "glibc" &&
        !symbol.isEager &&
        object.elf.dynamic?.bindNow !== true &&
        (environment.get("LD_BIND_NOW") ?? "") === "";
      (isLazy ? lazy : problems).push(
        unversioned === undefined
          ? symbolMissing(load, object, symbol)
          : versionless(object, symbol, unversioned),
      );
    }
  }
  const unproven = lazy.map(
    ({ by, wants }) =>
      `${by.path} will not find ${wants} when it calls it; whether it does is not known.`,
  );
  return { problems, lazy, unproven };
}

type Scope = readonly { readonly object: LoadedObject; readonly symbols: ElfSymbols | undefined }[];

function isProvided(load: Load, scope: Scope, { name, version }: ImportedSymbol): boolean {
  if (load.loader === "glibc") {
    return scope.some(
      ({ symbols }) => symbols !== undefined && provides(symbols.exports, name, version),
    );
  }
  const isIn = (wanted: string) =>
    scope.some(({ symbols }) => symbols !== undefined && providesToMusl(symbols.exports, wanted));
  // musl takes the 64-bit names of glibc for its own (`get_lfs64`).
  return isIn(name) || (name.includes("64") && isIn(name.replace("64", "")));
}

/**
 * The library that the version was asked of, where it defines the symbol and knows no versions at all: the loader takes
 * that for a mistake of its own (`check_match`; since glibc 2.41 it takes the symbol).
 */
function unversionedProvider(
  by: LoadedObject,
  scope: Scope,
  { name, version }: ImportedSymbol,
): LoadedObject | undefined {
  if (version === undefined) return undefined;
  const provider = scope.find(
    ({ symbols }) => symbols !== undefined && provides(symbols.exports, name, version),
  );
  if (provider?.symbols === undefined || provider.symbols.exports.hasVersions) return undefined;
  const { object } = provider;
  const isAsked = by.elf.dynamic?.versionNeeds.some(
    ({ library, versions }) =>
      (library === object.requested || library === object.elf.dynamic?.soname) &&
      versions.some((one) => one.name === version),
  );
  return isAsked === true ? object : undefined;
}

function versionless(
  by: LoadedObject,
  { name, version }: ImportedSymbol,
  at: LoadedObject,
): LoadProblem {
  return {
    rule: "version-missing",
    by,
    wants: `${name}@${version}`,
    at,
    message: `${by.path} wants ${name} of version ${version}, and ${at.path} has no versions.`,
    sentence: "Inconsistency detected by ld.so: dl-lookup.c",
  };
}

function symbolMissing(
  { loader }: Load,
  by: LoadedObject,
  { name, version }: ImportedSymbol,
): LoadProblem {
  const suffix = version === undefined ? "" : `, version ${version}`;
  return {
    rule: "symbol-missing",
    by,
    wants: name,
    at: by,
    message: `${by.path} wants the symbol ${name}${suffix}, which none of its libraries defines.`,
    sentence:
      loader === "musl"
        ? `Error relocating ${by.name}: ${name}: symbol not found`
        : `symbol lookup error: ${by.name}: undefined symbol: ${name}${suffix}`,
  };
}
