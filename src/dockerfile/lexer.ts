/**
 * Words with quotes, escapes and `$` in them, read as BuildKit reads them, which is not quite how a shell does
 * (github.com/moby/buildkit, frontend/dockerfile/shell/lex.go).
 */
import { checkedLength, checkNesting, checkTime, LexerProblem } from "./lexer-limit.ts";
import type { Escape } from "./line.ts";
import { parsePattern, replaceMatches, trimPrefix, trimSuffix } from "./pattern.ts";
import { type LexedWord, WordList } from "./word-list.ts";

export interface LexerRules {
  readonly escape: Escape;
  /** The value of a variable; `undefined` where it is not set. */
  readonly lookup: (name: string) => string | undefined;
  /** Quotes, escapes and variables without a value stay as they were written: to find heredocs, whose names are never expanded. */
  readonly verbatim?: "all" | "variables";
}

export interface Lexed {
  readonly text: string;
  /** The same, split at white space outside of quotes. */
  readonly words: readonly LexedWord[];
  /** Every variable that was asked for and is set. */
  readonly used: ReadonlySet<string>;
  /** Every variable that was asked for and is not set. */
  readonly unset: ReadonlySet<string>;
  /** Those of them that stand for nothing in the text, no default having been written for them. */
  readonly missing: ReadonlySet<string>;
}

interface State {
  readonly source: string;
  readonly rules: LexerRules;
  readonly used: Set<string>;
  readonly unset: Set<string>;
  missing: Set<string>;
  at: number;
  nesting: number;
  /** Within `${X#…}` and its like an escape stays in the text, because it belongs to the pattern. */
  keepsEscapes: boolean;
}

/** @throws LexerProblem */
export function lex(source: string, rules: LexerRules): Lexed {
  const state: State = {
    source,
    rules,
    used: new Set(),
    unset: new Set(),
    missing: new Set(),
    at: 0,
    nesting: 0,
    keepsEscapes: rules.verbatim === "all",
  };
  const words = new WordList();
  const text = readUntil(state, undefined, words);
  const { used: set, unset, missing } = state;
  return { text, words: words.end(state.at), used: set, unset, missing };
}

/** Reads to that character and over it, or to the end of the source. */
function readUntil(state: State, stop: string | undefined, words?: WordList): string {
  let text = "";
  while (state.at < state.source.length) {
    const start = state.at;
    const character = take(state);
    if (character === stop) return text;
    let part = character;
    if (character === "'") part = readSingleQuoted(state);
    else if (character === '"') part = readDoubleQuoted(state);
    else if (character === "<") part = readArrow(state);
    else if (character === "$") part = readVariable(state, start);
    else if (character === state.rules.escape) {
      const escaped = take(state);
      part = state.keepsEscapes ? character + escaped : escaped;
    }
    if (character === "$" || part === character) words?.addSplit(part, start, state.at);
    else words?.add(part, start);
    text = grown(state, text + part);
  }
  if (stop !== undefined) throw new LexerProblem(`the ${stop} of a \${…} is missing`);
  return text;
}

/** Everything to the next quote, which no escape hides. */
function readSingleQuoted(state: State): string {
  const end = state.source.indexOf("'", state.at);
  if (end === -1) throw new LexerProblem("a single quote is not closed");
  const text = state.source.slice(state.at, end);
  state.at = end + 1;
  return state.rules.verbatim === "all" ? `'${text}'` : text;
}

/** Only `$`, a double quote and the escape itself can be escaped in it. */
function readDoubleQuoted(state: State): string {
  const quote = state.rules.verbatim === "all" ? '"' : "";
  let text = quote;
  while (state.at < state.source.length) {
    const start = state.at;
    const character = take(state);
    if (character === '"') return text + quote;
    if (character === "$") text += readVariable(state, start);
    else if (character !== state.rules.escape) text += character;
    else {
      if (state.keepsEscapes) text += character;
      const next = state.source[state.at] ?? "";
      const isEscaped = next === '"' || next === "$" || next === state.rules.escape;
      if (next !== "") text += isEscaped ? take(state) : character;
    }
    text = grown(state, text);
  }
  throw new LexerProblem("a double quote is not closed");
}

/** The blanks behind `<<` belong to the word: a heredoc's name may stand apart from its arrows. */
function readArrow(state: State): string {
  if (state.source[state.at] !== "<") return "<";
  const start = state.at - 1;
  state.at += 1;
  while (/[\t\r ]/.test(state.source[state.at] ?? "")) state.at += 1;
  return state.source.slice(start, state.at);
}

/** `$X` or `${X…}`, its dollar read already. */
function readVariable(state: State, start: number): string {
  if (state.source[state.at] !== "{") {
    const name = readName(state);
    if (name === "") return "$";
    return valueOrNothing(state, name, start);
  }
  state.at += 1;
  if (/^[{}:]?$/.test(state.source[state.at] ?? "")) throw new LexerProblem("a ${…} has no name");
  const name = readName(state);
  const modifier = take(state);
  if (modifier === "}") return valueOrNothing(state, name, start);
  state.nesting += 1;
  checkNesting(state.nesting);
  const text =
    modifier === "/" ? readReplacement(state, name) : readModified(state, name, modifier);
  state.nesting -= 1;
  return keepsVariable(state, name) ? state.source.slice(start, state.at) : text;
}

function readModified(state: State, name: string, first: string): string {
  const nullIsUnset = first === ":";
  const modifier = nullIsUnset ? take(state) : first;
  if (!(nullIsUnset ? "-+?" : "-+?#%").includes(modifier) || modifier === "") {
    throw new LexerProblem(`\${${name}${nullIsUnset ? ":" : ""}${modifier}…} means nothing`);
  }
  const isPattern = modifier === "#" || modifier === "%";
  const word = readNested(state, "}", isPattern);
  const value = lookup(state, name);
  const isSet = value !== undefined && !(nullIsUnset && value === "");
  if (modifier === "-") return isSet ? value : used(state, word);
  if (modifier === "+") return isSet ? used(state, word) : "";
  if (modifier === "?") {
    if (isSet || keepsVariable(state, name)) return value ?? "";
    const message = `is not allowed to be ${value === undefined ? "unset" : "empty"}`;
    throw new LexerProblem(`${name}: ${word.text || message}`);
  }
  return trim(value ?? nothing(state, name), modifier, used(state, word));
}

function trim(value: string, modifier: string, word: string): string {
  const longest = word.startsWith(modifier);
  const pattern = readPattern(longest ? word.slice(1) : word);
  checkTime(value.length * pattern.tokens.length);
  return (modifier === "#" ? trimPrefix : trimSuffix)(value, pattern, longest);
}

/** `${X/pattern/text}`, and with two slashes every match of it. */
function readReplacement(state: State, name: string): string {
  const isAll = state.source[state.at] === "/";
  if (isAll) state.at += 1;
  const source = used(state, readNested(state, "/", true));
  const replacement = used(state, readNested(state, "}", true));
  const value = lookup(state, name) ?? nothing(state, name);
  const pattern = readPattern(source);
  checkTime(value.length ** 2 * pattern.tokens.length);
  return grown(state, replaceMatches(value, pattern, replacement, isAll ? "all" : "first"));
}

/** The word of a `${X…}`, which may stand in the text or not. */
interface Nested {
  readonly text: string;
  readonly missing: ReadonlySet<string>;
}

function readNested(state: State, stop: string, keepsEscapes: boolean): Nested {
  const before = { missing: state.missing, keepsEscapes: state.keepsEscapes };
  const missing = new Set<string>();
  Object.assign(state, { missing, keepsEscapes });
  const text = readUntil(state, stop);
  Object.assign(state, before);
  return { text, missing };
}

function used(state: State, nested: Nested): string {
  for (const name of nested.missing) state.missing.add(name);
  return nested.text;
}

function readPattern(source: string) {
  const pattern = parsePattern(source);
  if ("problem" in pattern)
    throw new LexerProblem(`the pattern ${source} is wrong: ${pattern.problem}`);
  return pattern;
}

/** A name; digits alone and the shell's special parameters (`$?`, `$@` …) are names as well. */
function readName(state: State): string {
  const rest = /\p{Nd}+|[@*#?$!-]|[\p{L}_][\p{L}\p{Nd}_]*/uy;
  rest.lastIndex = state.at;
  const name = rest.exec(state.source)?.[0] ?? "";
  state.at += name.length;
  return name;
}

function valueOrNothing(state: State, name: string, start: number): string {
  const value = lookup(state, name);
  if (value !== undefined) return value;
  return keepsVariable(state, name) ? state.source.slice(start, state.at) : nothing(state, name);
}

function keepsVariable(state: State, name: string): boolean {
  return state.rules.verbatim !== undefined && state.rules.lookup(name) === undefined;
}

function lookup(state: State, name: string): string | undefined {
  const value = state.rules.lookup(name);
  (value === undefined ? state.unset : state.used).add(name);
  return value;
}

function nothing(state: State, name: string): string {
  state.missing.add(name);
  return "";
}

function take(state: State): string {
  const point = state.source.codePointAt(state.at);
  if (point === undefined) return "";
  const character = String.fromCodePoint(point);
  state.at += character.length;
  return character;
}

/** Only what variables stand for can be longer than what was written. */
function grown(state: State, text: string): string {
  return state.rules.verbatim === undefined ? checkedLength(text) : text;
}
