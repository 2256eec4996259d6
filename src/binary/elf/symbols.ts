/** The dynamic symbol table: what an object asks of others and what it gives them (System V gABI, chapter 5; Drepper, "ELF Symbol Versioning"). */

export interface ElfSymbols {
  readonly imports: readonly ImportedSymbol[];
  readonly exports: ExportedSymbols;
}

export interface ImportedSymbol {
  readonly name: string;
  /** The version that it must have (`.gnu.version`, `.gnu.version_r`). */
  readonly version?: string;
  /** `STB_WEAK`: it may be missing. */
  readonly isWeak: boolean;
  /** Whether it is looked up before the program starts: a relocation other than `JUMP_SLOT` names it. `bindNow` is not counted in. */
  readonly isEager: boolean;
}

/** Keys ({@link symbolKey}) of what an object defines, each list ascending, so that 100,000 names take 800 kB and no set-up. */
export interface ExportedSymbols {
  /** `name@version`, hidden or default. */
  readonly versioned: Float64Array;
  /** Names without a version (or of the base version): any version asked for is served by them. */
  readonly open: Float64Array;
  /** Names of versioned definitions that a reference without a version may be bound to. */
  readonly plain: Float64Array;
}
