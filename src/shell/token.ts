/** The tokens of a shell's text, each with its place: words, operators, redirections (POSIX.1-2017, XCU 2.3). */
import { closingBackquote, closingBracket } from "./bracket.ts";

export interface ShellWord {
  readonly kind: "word";
  /** As it is written, quotes and expansions included. */
  readonly text: string;
  /** What it stands for; undefined where that takes an expansion. A pattern stands for itself. */
  readonly value?: string;
  readonly start: number;
  readonly end: number;
  /** What stands in `$(…)` and backquotes within it. */
  readonly substitutions: readonly Stretch[];
  /** Whether it is `NAME=` with the brackets of an array behind it, which are no part of it. */
  readonly isArray?: boolean;
}

/** A part of the text, by offsets. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

interface Operator {
  readonly kind: "operator";
  /** `&&`, `||`, `;`, `;;`, `|` (of `|&` as well), `&`, `(`, `)` or a line feed. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

interface Redirection {
  readonly kind: "redirection";
  /** `>`, `2>>`, `<<-` … */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export type Token = ShellWord | Operator | Redirection;

export interface Tokens {
  readonly tokens: readonly Token[];
  /** Whether all of it was understood; what comes behind the place where it was not is left out. */
  readonly isComplete: boolean;
  /** Whether comments were passed over. */
  readonly hasComments: boolean;
}

const blank = /(?:[ \t\r]|\\\r?\n)+/y;
const operator = /&&|\|\||\|&|;;|[;|&()\n]/y;
const redirection = /(?:\d*(?:<<-|<<<|<<|<&|<>|>>|>&|>\||<|>)|&>>?)/y;
const comment = /#[^\n]*/y;
/** A stretch of a word that means itself. */
const bare = /[^\s'"\\$`;&|<>()]+/y;

/** Reads the text once, from left to right; bodies of heredocs within it are passed over. */
export function readTokens(text: string): Tokens {
  const tokens: Token[] = [];
  const bodies: string[] = [];
  let hasComments = false;
  for (let at = 0; at < text.length;) {
    const skipped = matchAt(blank, text, at) ?? matchAt(comment, text, at);
    if (skipped !== undefined) {
      hasComments ||= skipped.startsWith("#");
      at += skipped.length;
      continue;
    }
    const token = readToken(text, at);
    if (token === undefined) return { tokens, isComplete: false, hasComments };
    noteBody(tokens.at(-1), token, bodies);
    tokens.push(token);
    at = token.end;
    if (token.kind === "operator" && token.text === "\n") at = behindBodies(text, at, bodies);
  }
  return { tokens, isComplete: true, hasComments };
}

function readToken(text: string, at: number): Token | undefined {
  const arrows = matchAt(redirection, text, at);
  if (arrows !== undefined) {
    const isProgram = /^[<>]$/.test(arrows) && text[at + 1] === "(";
    if (isProgram) return readProcess(text, at);
    return { kind: "redirection", text: arrows, start: at, end: at + arrows.length };
  }
  const sign = matchAt(operator, text, at);
  if (sign !== undefined) {
    const own = sign === "|&" ? "|" : sign;
    return { kind: "operator", text: own, start: at, end: at + sign.length };
  }
  return readWord(text, at);
}

/** `<(program)`: a word, the name of the file that the program is read from or written to by. */
function readProcess(text: string, start: number): ShellWord | undefined {
  const close = closingBracket(text, start + 1);
  if (close === undefined) return undefined;
  const substitutions = [{ start: start + 2, end: close }];
  const end = close + 1;
  return { kind: "word", text: text.slice(start, end), start, end, substitutions };
}

/** What ends a heredoc's body stands behind its arrows. */
function noteBody(before: Token | undefined, token: Token, bodies: string[]): void {
  if (before?.kind !== "redirection" || token.kind !== "word") return;
  if (before.text.endsWith("<<") || before.text.endsWith("<<-")) {
    bodies.push(token.value ?? token.text);
  }
}

function behindBodies(text: string, at: number, bodies: string[]): number {
  let from = at;
  for (const name of bodies.splice(0)) {
    while (from < text.length) {
      const feed = text.indexOf("\n", from);
      const end = feed === -1 ? text.length : feed;
      const line = text.slice(from, end);
      from = end + 1;
      if (line.replace(/^\t+/, "") === name) break;
    }
  }
  return Math.min(from, text.length);
}

interface WordSoFar {
  at: number;
  value: string | undefined;
  readonly substitutions: Stretch[];
}

function readWord(text: string, start: number): ShellWord | undefined {
  const word: WordSoFar = { at: start, value: "", substitutions: [] };
  for (let isMore = true; isMore && word.at < text.length;) {
    const before = word.at;
    if (!readPiece(text, word)) return undefined;
    isMore = word.at > before;
  }
  if (word.at === start) return undefined;
  return {
    kind: "word",
    text: text.slice(start, word.at),
    ...(word.value === undefined ? {} : { value: word.value }),
    start,
    end: word.at,
    substitutions: word.substitutions,
  };
}

/** Reads one piece of a word, or none where the word ends; false where a quote or bracket is never closed. */
function readPiece(text: string, word: WordSoFar): boolean {
  const character = text[word.at];
  if (character === "'") {
    const close = text.indexOf("'", word.at + 1);
    if (close === -1) return false;
    add(word, text.slice(word.at + 1, close));
    word.at = close + 1;
    return true;
  }
  if (character === '"') return readDoubleQuoted(text, word);
  if (character === "\\") {
    if (text[word.at + 1] !== "\n") add(word, text[word.at + 1] ?? "");
    word.at += 2;
    return word.at <= text.length;
  }
  if (character === "$" || character === "`") return readExpansion(text, word);
  const plain = matchAt(bare, text, word.at);
  if (plain !== undefined) {
    add(word, plain);
    word.at += plain.length;
  }
  return true;
}

function readDoubleQuoted(text: string, word: WordSoFar): boolean {
  word.at += 1;
  while (word.at < text.length) {
    const character = text[word.at] ?? "";
    if (character === '"') {
      word.at += 1;
      return true;
    }
    if (character === "$" || character === "`") {
      if (!readExpansion(text, word)) return false;
      continue;
    }
    const isEscape = character === "\\" && /[$`"\\\n]/.test(text[word.at + 1] ?? "");
    add(word, isEscape ? (text[word.at + 1] ?? "") : character);
    word.at += isEscape ? 2 : 1;
  }
  return false;
}

/** `$name`, `${name…}`, `$((…))`, `$(…)` and backquotes; a dollar sign before anything else is one. */
function readExpansion(text: string, word: WordSoFar): boolean {
  const { at } = word;
  if (text[at] === "`") {
    const close = closingBackquote(text, at + 1);
    if (close === undefined) return false;
    return passExpansion(word, close, { start: at + 1, end: close });
  }
  const next = text[at + 1] ?? "";
  if (next === "(" || next === "{") {
    const close = closingBracket(text, at + 1);
    if (close === undefined) return false;
    const isProgram = next === "(" && text[at + 2] !== "(";
    return passExpansion(word, close, isProgram ? { start: at + 2, end: close } : undefined);
  }
  const [name] = /^\$(?:[A-Za-z_]\w*|[\d@*#?$!-])/.exec(text.slice(at, at + 256)) ?? [];
  if (name === undefined) add(word, "$");
  else word.value = undefined;
  word.at += name?.length ?? 1;
  return true;
}

function passExpansion(word: WordSoFar, close: number, program: Stretch | undefined): true {
  word.value = undefined;
  if (program !== undefined) word.substitutions.push(program);
  word.at = close + 1;
  return true;
}

function add(word: WordSoFar, text: string): void {
  if (word.value !== undefined) word.value += text;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
