/** Dynamic string tokens in search paths: `$ORIGIN`, `$LIB`, `$PLATFORM` (ld.so(8); glibc, `elf/dl-load.c`, `_dl_dst_substitute`). */

export interface Tokens {
  /** The directory of the object in whose path it stands. */
  readonly origin: string;
  /** `lib/x86_64-linux-gnu`, `lib64`. */
  readonly lib: string;
  /** `x86_64`. */
  readonly platform: string;
}

const token = /\$(?:\{(ORIGIN|LIB|PLATFORM)\}|(ORIGIN|LIB|PLATFORM)(?![A-Za-z0-9_]))/g;

/** The text with its tokens replaced; a `$` of anything else stays. */
export function expandTokens(text: string, tokens: Tokens): string {
  return text.replaceAll(token, (_, braced?: string, plain?: string) => {
    const name = braced ?? plain;
    if (name === "ORIGIN") return tokens.origin;
    return name === "LIB" ? tokens.lib : tokens.platform;
  });
}

/** Whether `$ORIGIN` stands in it. */
export function hasOrigin(text: string): boolean {
  return /\$(?:\{ORIGIN\}|ORIGIN(?![A-Za-z0-9_]))/.test(text);
}

/** Whether `$ORIGIN` is the first element, which a set-user-id program may use below a trusted directory. */
export function beginsWithOrigin(text: string): boolean {
  return /^\$(?:\{ORIGIN\}|ORIGIN)(?:\/|$)/.test(text);
}
