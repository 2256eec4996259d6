/**
 * The patterns of `${X#p}`, `${X%p}` and `${X/p/r}`: `*` and `?`, no brackets, and neither reaches over a line feed
 * (github.com/moby/buildkit, frontend/dockerfile/shell/lex.go). Matched without regular expressions, whose time a pattern of many stars explodes.
 */

/** `*`, `?`, or the one character that is meant literally. */
type Token = { readonly any: "many" | "one" } | { readonly literal: string };

export interface Pattern {
  readonly tokens: readonly Token[];
}

/** Reads a pattern; what is wrong with it where an escape stands before a character that needs none. */
export function parsePattern(source: string): Pattern | { readonly problem: string } {
  const tokens: Token[] = [];
  const characters = Array.from(source);
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? "";
    const escaped = characters[at + 1] ?? "";
    if (character === "*") {
      // Two stars side by side mean what one does.
      if (!isStar(tokens.at(-1))) tokens.push({ any: "many" });
    } else if (character === "?") tokens.push({ any: "one" });
    else if (character !== "\\") tokens.push({ literal: character });
    // The escape of } and of / belongs to ${…}, and not to the pattern.
    else if (escaped !== "}" && escaped !== "/") {
      if (!["*", "?", "\\"].includes(escaped)) return { problem: `\\${escaped} is no escape` };
      tokens.push({ literal: escaped });
      at += 1;
    }
  }
  return { tokens };
}

export function trimPrefix(value: string, pattern: Pattern, longest: boolean): string {
  const characters = Array.from(value);
  const end = matchEnd(pattern.tokens, characters, 0, longest);
  return end === undefined ? value : characters.slice(end).join("");
}

export function trimSuffix(value: string, pattern: Pattern, longest: boolean): string {
  const characters = Array.from(value).toReversed();
  const end = matchEnd(pattern.tokens.toReversed(), characters, 0, longest);
  return end === undefined ? value : characters.slice(end).toReversed().join("");
}

/** The value with the first match, or with every one, replaced; a match is as long as it can be. */
export function replaceMatches(
  value: string,
  pattern: Pattern,
  replacement: string,
  scope: "first" | "all",
): string {
  const characters = Array.from(value);
  const parts: string[] = [];
  let lastEnd = 0;
  for (let at = 0; at <= characters.length;) {
    const end = matchEnd(pattern.tokens, characters, at, true);
    // An empty match right behind another one is none.
    const isMatch = end !== undefined && (end > lastEnd || at === 0);
    if (isMatch) {
      parts.push(replacement);
      lastEnd = end;
      if (scope === "first") return [...parts, ...characters.slice(end)].join("");
    }
    if (end !== undefined && end > at) at = end;
    else {
      parts.push(characters[at] ?? "");
      at += 1;
    }
  }
  return parts.join("");
}

/** Where a match that starts there ends: the nearest or the farthest place. Time: characters times tokens. */
function matchEnd(
  tokens: readonly Token[],
  characters: readonly string[],
  from: number,
  longest: boolean,
): number | undefined {
  let found: number | undefined;
  // The step at which each token was last come to, so that none is gone on from twice.
  const reachedAt = new Uint32Array(tokens.length + 1);
  let places: number[] = [];
  reach(places, 0, { tokens, reachedAt, step: 1 });
  for (let at = from; places.length > 0; at += 1) {
    // It may be behind its last token, or at a star there.
    if (reachedAt[tokens.length] === at - from + 1) {
      found = at;
      if (!longest) return found;
    }
    const character = characters[at];
    if (character === undefined) return found;
    const next: number[] = [];
    for (const place of places) {
      const token = tokens[place];
      if (token === undefined || !takes(token, character)) continue;
      reach(next, isStar(token) ? place : place + 1, { tokens, reachedAt, step: at - from + 2 });
    }
    places = next;
  }
  return found;
}

interface Reaching {
  readonly tokens: readonly Token[];
  readonly reachedAt: Uint32Array;
  readonly step: number;
}

/** Takes the place down, and with a star the one behind it: no two stars stand side by side. */
function reach(places: number[], place: number, { tokens, reachedAt, step }: Reaching): void {
  for (let at = place; ; at += 1) {
    if (reachedAt[at] !== step) {
      reachedAt[at] = step;
      places.push(at);
    }
    if (!isStar(tokens[at])) return;
  }
}

function takes(token: Token, character: string): boolean {
  return "literal" in token ? token.literal === character : character !== "\n";
}

function isStar(token: Token | undefined): boolean {
  return token !== undefined && "any" in token && token.any === "many";
}
