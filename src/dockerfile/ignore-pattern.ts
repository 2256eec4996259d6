/**
 * One pattern of a `.dockerignore` file, with BuildKit's meaning of it (github.com/moby/patternmatcher): it is checked as Go's
 * `filepath.Match` checks its own, then translated into a regular expression. Where the two disagree, the expression wins.
 */

/** Whether a path, relative to the context and without `.` or `..` in it, is the pattern's. */
export type Matcher = (path: string) => boolean;

const wildcard = /[*?[\]\\]/;

/** Makes the matcher of a cleaned pattern. @throws SyntaxError that says what is wrong with it */
export function compilePattern(pattern: string): Matcher {
  checkSyntax(pattern);
  if (!wildcard.test(pattern)) return (path) => path === pattern;
  if (pattern.startsWith("**") && !wildcard.test(pattern.slice(2))) {
    const suffix = pattern.slice(2);
    return (path) => path.endsWith(suffix) || `/${path}` === suffix;
  }
  if (pattern.endsWith("**") && !wildcard.test(pattern.slice(0, -2))) {
    const prefix = pattern.slice(0, -2);
    return (path) => path.startsWith(prefix);
  }
  const expression = ecmaScript(goExpression(pattern));
  return (path) => expression.test(path);
}

/** Whether a segment of a pattern stands for its own text alone. */
export function isLiteral(segment: string): boolean {
  return !wildcard.test(segment) && !segment.includes("^");
}

/**
 * The grammar of `filepath.Match` (Go, path/filepath/match.go), as far as Go reads there: it tries the pattern on ".", part after
 * part between the stars, and looks at none behind the first that does not match.
 */
function checkSyntax(pattern: string): void {
  const end = endOfPart(pattern, 0);
  if (end === pattern.length) return;
  const first = pattern.slice(0, end).replace(/^\*+/, "");
  if (first !== "" && ecmaScript(goExpression(first)).test(".")) endOfPart(pattern, end);
}

/** Where the next star stands, behind those at the start. */
function endOfPart(pattern: string, start: number): number {
  let at = start;
  while (pattern[at] === "*") at += 1;
  for (; at < pattern.length && pattern[at] !== "*"; at += 1) {
    if (pattern[at] === "\\") {
      at += 1;
      if (at === pattern.length) throw new SyntaxError("nothing follows its last backslash");
    } else if (pattern[at] === "[") at = endOfClass(pattern, at);
  }
  return at;
}

/** Where the class that begins there has its closing bracket. */
function endOfClass(pattern: string, start: number): number {
  let at = start + (pattern[start + 1] === "^" ? 2 : 1);
  for (let ranges = 0; pattern[at] !== "]" || ranges === 0; ranges += 1) {
    at = endOfMember(pattern, at);
    if (pattern[at] === "-") at = endOfMember(pattern, at + 1);
  }
  return at;
}

function endOfMember(pattern: string, start: number): number {
  const letter = pattern[start];
  if (letter === "-" || letter === "]") {
    throw new SyntaxError(`in its brackets "${letter}" stands where a character must stand`);
  }
  const end = start + (letter === "\\" ? 2 : 1);
  if (end >= pattern.length) throw new SyntaxError("its bracket is not closed");
  return end;
}

/** The pattern in the syntax of Go's expressions, `**` with and without a slash alike. */
function goExpression(pattern: string): string {
  const source = pattern.replaceAll(/(?:\*\*\/?)+|\*|\?|\\.|[.+()|{}$]/gsu, (part, at: number) => {
    if (part.startsWith("**")) {
      return at + part.length === pattern.length ? ".*" : "(.*/)?";
    }
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    return part.startsWith("\\") ? part : `\\${part}`;
  });
  return `^${source}$`;
}

/** The same expression in JavaScript, where a bracket is closed, and a character escaped, by other rules. */
function ecmaScript(source: string): RegExp {
  let isInClass = false;
  const parts = source.matchAll(/\[:\^?[a-z]+:\]|\[\^?\]?|\\.|./gsu);
  const translated = Array.from(parts, ([part]) => {
    if (isInClass) {
      isInClass = !/^(?:\[\^?)?\]$/.test(part);
      return inClass(part);
    }
    if (part.startsWith("[")) {
      isInClass = true;
      // A bracket that closes at once is a member.
      return part.replace("]", String.raw`\]`);
    }
    if (part.startsWith("\\")) return escaped(part.slice(1));
    if (part === ".") return String.raw`[^\n]`;
    return part === "]" ? String.raw`\]` : part;
  });
  return expressionOf(translated.join(""));
}

function expressionOf(source: string): RegExp {
  try {
    return new RegExp(source, "u");
  } catch (error) {
    const [, problem] = /: ([^:]*)$/.exec(String(error)) ?? [];
    throw new SyntaxError(problem?.toLowerCase() ?? "it cannot be read", { cause: error });
  }
}

function inClass(part: string): string {
  if (part.startsWith("[:")) return namedClass(part.slice(2, -2));
  if (part.startsWith("[")) return part.replaceAll(/[[^]/g, String.raw`\$&`);
  if (part.startsWith("\\")) return escaped(part.slice(1), "class");
  return part === "^" ? String.raw`\^` : part;
}

/** POSIX's names of classes, which Go's expressions know (RE2, "Syntax"). */
const namedClasses: ReadonlyMap<string, string> = new Map([
  ["alnum", "0-9A-Za-z"],
  ["alpha", "A-Za-z"],
  ["ascii", String.raw`\x00-\x7F`],
  ["blank", String.raw`\t `],
  ["cntrl", String.raw`\x00-\x1F\x7F`],
  ["digit", "0-9"],
  ["graph", "!-~"],
  ["lower", "a-z"],
  ["print", " -~"],
  ["punct", String.raw`!-\/:-@\[-\x60\{-~`],
  ["space", String.raw`\t\n\v\f\r `],
  ["upper", "A-Z"],
  ["word", String.raw`\w`],
  ["xdigit", "0-9A-Fa-f"],
]);

function namedClass(name: string): string {
  const members = namedClasses.get(name);
  if (members === undefined) throw new SyntaxError(`"[:${name}:]" is no class of characters`);
  return members;
}

/** What a letter means behind a backslash: as in every expression, though people mean the letter itself. */
const escapedLetters: ReadonlyMap<string, string> = new Map([
  ["a", String.raw`\x07`],
  ...["d", "D", "w", "W", "f", "n", "r", "t", "v"].map((one) => [one, `\\${one}`] as const),
]);
const escapedOutside: ReadonlyMap<string, string> = new Map([
  ["s", String.raw`[\t\n\f\r ]`],
  ["S", String.raw`[^\t\n\f\r ]`],
  ["b", String.raw`\b`],
  ["B", String.raw`\B`],
  ["A", "^"],
  ["z", "$"],
]);

function escaped(letter: string, place: "class" | "outside" = "outside"): string {
  if (/[-^$\\.*+?()[\]{}|/]/.test(letter)) {
    return letter === "-" && place === "outside" ? letter : `\\${letter}`;
  }
  if (/^[^0-9A-Za-z\u{80}-\u{10ffff}]$/u.test(letter)) return letter;
  const own = place === "outside" ? escapedOutside.get(letter) : undefined;
  const meaning = own ?? escapedLetters.get(letter);
  if (meaning === undefined) throw new SyntaxError(`"\\${letter}" means nothing`);
  return meaning;
}
