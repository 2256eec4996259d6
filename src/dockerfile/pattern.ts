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
  let places = skippingStars(tokens, [0]);
  for (let at = from; places.length > 0; at += 1) {
    if (places.includes(tokens.length)) {
      found = at;
      if (!longest) return found;
    }
    const character = characters[at];
    if (character === undefined) return found;
    places = skippingStars(
      tokens,
      places.flatMap((place) => step(tokens[place], place, character)),
    );
  }
  return found;
}

function step(token: Token | undefined, place: number, character: string): readonly number[] {
  if (token === undefined) return [];
  if ("literal" in token) return token.literal === character ? [place + 1] : [];
  if (character === "\n") return [];
  return token.any === "many" ? [place] : [place + 1];
}

/** The places with those behind their stars, each once: no two stars stand side by side. */
function skippingStars(tokens: readonly Token[], places: readonly number[]): readonly number[] {
  return [
    ...new Set(places.flatMap((place) => (isStar(tokens[place]) ? [place, place + 1] : [place]))),
  ];
}

function isStar(token: Token | undefined): boolean {
  return token !== undefined && "any" in token && token.any === "many";
}
