/** The dynamic symbol table: what an object asks of others and what it gives them (System V gABI, chapter 5; Drepper, "ELF Symbol Versioning"). */
import { symbolKey } from "./symbol-key.ts";

export interface ElfSymbols {
  /** What its relocations look up elsewhere. A symbol that none of them names is never looked up. */
  readonly imports: readonly ImportedSymbol[];
  readonly exports: ExportedSymbols;
}

export interface ImportedSymbol {
  readonly name: string;
  /** The version that it must have (`.gnu.version`, `.gnu.version_r`). */
  readonly version?: string;
  /** `STB_WEAK`: it may be missing. */
  readonly isWeak: boolean;
  /** Whether it is looked up before the program starts: a relocation other than a lazy `JUMP_SLOT` names it. `bindNow` is not counted in. */
  readonly isEager: boolean;
}

/** Keys ({@link symbolKey}) of what an object defines, each list ascending, so that 100,000 names take 800 kB and no set-up. */
export interface ExportedSymbols {
  /** `name@version`, hidden or default. */
  readonly versioned: Float64Array;
  /** Names without a version (or of the base version): any version asked for is served by them. */
  readonly open: Float64Array;
  /** Names of versioned definitions that are the default of their name. */
  readonly plain: Float64Array;
  /** Names whose oldest definition (number 2 of `.gnu.version`, or a nameless one) is hidden: glibc binds a reference without a version to it, musl does not. */
  readonly oldest: Float64Array;
  /**
   * Whether it asks for versions or defines any. Where it does not, and a reference asks for a version of this very file, glibc before
   * 2.41 stops: `Inconsistency detected by ld.so: dl-lookup.c: … check_match: Assertion … failed!`.
   */
  readonly hasVersions: boolean;
}

/**
 * Whether glibc's loader binds a reference to one of these definitions (glibc, `check_match` in `elf/dl-lookup.c`). One with a version:
 * a definition of that version, or one without any (see {@link ExportedSymbols.hasVersions}). One without: one without, the default
 * of its name, or the oldest.
 */
export function provides(exports: ExportedSymbols, name: string, version?: string): boolean {
  const key = symbolKey(name);
  if (holds(exports.open, key)) return true;
  if (version !== undefined) return holds(exports.versioned, symbolKey(name, version));
  return holds(exports.plain, key) || holds(exports.oldest, key);
}

/**
 * Whether musl's loader does, which takes no notice of versions but leaves out hidden definitions (musl, `gnu_lookup` and `sysv_lookup`
 * in `ldso/dynlink.c`).
 */
export function providesToMusl({ open, plain }: ExportedSymbols, name: string): boolean {
  const key = symbolKey(name);
  return holds(open, key) || holds(plain, key);
}

function holds(keys: Float64Array, key: number): boolean {
  let [low, high] = [0, keys.length - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = keys[middle] ?? 0;
    if (found === key) return true;
    if (found < key) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
