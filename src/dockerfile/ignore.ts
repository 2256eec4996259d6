/**
 * What a `.dockerignore` file leaves out of the build context, as BuildKit decides it (github.com/moby/patternmatcher and its
 * `ignorefile`; github.com/tonistiigi/fsutil, filter.go). It goes down from the context's root and hands on to each directory's
 * entries which patterns the directory matched: an exception brings back what it names and what lies under that, and nothing else.
 */
import path from "node:path";
import { compilePattern, isLiteral, type Matcher } from "./ignore-pattern.ts";

interface IgnorePattern {
  readonly isException: boolean;
  readonly matches: Matcher;
  /** The pattern's segments before the first that has a wildcard. */
  readonly beginning: readonly string[];
  readonly hasWildcard: boolean;
}

/** In the file's order: of the patterns that match a path the last one decides. Made by {@link parseIgnoreFile}. */
export type IgnorePatterns = readonly IgnorePattern[];

/** A pattern that BuildKit refuses, and the whole build with it. */
export class IgnoreFileError extends SyntaxError {
  override readonly name = "IgnoreFileError";
  /** Counted from 1. */
  readonly line: number;
  /** One part of a sentence. */
  readonly problem: string;

  constructor(line: number, problem: string, options?: ErrorOptions) {
    super(`line ${line}: ${problem}`, options);
    this.line = line;
    this.problem = problem;
  }
}

/** Most bytes of a line: Go's scanner of lines takes no longer one (bufio, MaxScanTokenSize). */
const mostBytesOfLine = 64 * 1024 - 1;

/** Reads the text of an ignore file. @throws IgnoreFileError */
export function parseIgnoreFile(text: string): IgnorePatterns {
  const lines = text.replace(/^\u{feff}/u, "").split("\n");
  return lines.flatMap((line, index) => {
    if (line.length > mostBytesOfLine) throw new IgnoreFileError(index + 1, "it is too long");
    if (line.startsWith("#")) return [];
    const words = trimmed(line);
    return words === "" ? [] : [readPattern(words, index + 1)];
  });
}

function readPattern(words: string, line: number): IgnorePattern {
  const isMarked = words.startsWith("!");
  const named = isMarked ? trimmed(words.slice(1)) : words;
  const relative = named === "" ? "" : cleaned(named).replace(/^\/(?=.)/s, "");
  // A slash before the mark goes first: "/!a" is an exception as well.
  const whole = cleaned(trimmed(isMarked ? `!${relative}` : relative));
  const isException = whole.startsWith("!");
  const pattern = isException ? whole.slice(1) : whole;
  if (pattern === "") throw new IgnoreFileError(line, `"${words}" excepts nothing`);
  try {
    const segments = pattern.split("/");
    const wild = segments.findIndex((segment) => !isLiteral(segment));
    return {
      isException,
      matches: compilePattern(pattern),
      beginning: wild === -1 ? segments : segments.slice(0, wild),
      hasWildcard: wild !== -1,
    };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new IgnoreFileError(line, `"${pattern}" is no pattern: ${problem}`, { cause: error });
  }
}

/** What a path matched: what has to be known of a directory to decide on its entries. */
export interface PathMatch {
  readonly isIgnored: boolean;
  /** One for each pattern. */
  readonly matched: readonly boolean[];
}

/** Decides on one path (relative to the context, cleaned) by what its parent matched; `undefined` at the top of the context. */
export function matchPath(
  entry: string,
  patterns: IgnorePatterns,
  parent: PathMatch | undefined,
): PathMatch {
  let isLeftOut = false;
  const matched = patterns.map(({ isException, matches }, index) => {
    // What changes nothing is not tried: an exception to a path that is not ignored does not hold below it either.
    const isMatch =
      parent?.matched[index] === true || (isException === isLeftOut && matches(entry));
    if (isMatch) isLeftOut = !isException;
    return isMatch;
  });
  return { isIgnored: isLeftOut, matched };
}

/** Whether that path of the context is left out of it. The context itself never is. */
export function isIgnored(file: string, patterns: IgnorePatterns): boolean {
  const segments = cleaned(file).split("/").filter(isName);
  let match: PathMatch | undefined;
  for (const index of segments.keys()) {
    match = matchPath(segments.slice(0, index + 1).join("/"), patterns, match);
  }
  return match?.isIgnored ?? false;
}

/** Whether an exception may bring back something that lies in that ignored directory; where none can, a walk may pass it by. */
export function mayHoldExceptions(directory: string, patterns: IgnorePatterns): boolean {
  const segments = cleaned(directory).split("/").filter(isName);
  return patterns.some(({ isException, beginning, hasWildcard }) => {
    if (!isException) return false;
    if (!hasWildcard && beginning.length <= segments.length) return false;
    return beginning.every(
      (name, index) => segments[index] === undefined || segments[index] === name,
    );
  });
}

function isName(segment: string): boolean {
  return segment !== "" && segment !== ".";
}

/** The shortest form of a path, without a slash at its end (Go, `filepath.Clean`). */
function cleaned(file: string): string {
  return path.posix.normalize(file).replace(/(?<=.)\/$/s, "");
}

/** Without what Go takes for white space at its ends. */
function trimmed(line: string): string {
  return /\P{White_Space}(?:.*\P{White_Space})?/su.exec(line)?.[0] ?? "";
}
