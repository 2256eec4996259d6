/** A word with its quotes taken off and its expansions replaced (POSIX.1-2017, XCU 2.6). */
import { closingBackquote, closingBracket } from "./bracket.ts";
import { parameterText, type Parameter } from "./parameter.ts";
import type { ShellWord } from "./token.ts";
import { fieldOf, type Field, hole, type Segment, splitFields, type Value } from "./value.ts";

/** What expansions ask for. */
export interface Expansions {
  /** Undefined for a variable that is not set. */
  variable(name: string): Value | undefined;
  /** The variable is asked for, set or not. */
  note(name: string, start: number, end: number): void;
  /** `${NAME:=value}` sets it. */
  assign(name: string, value: Value): void;
  /** The script's or the function's own; undefined where they are not known. */
  arguments(): readonly Value[] | undefined;
  /** What a program in `$(…)` prints; `start` is where its text stands. */
  output(text: string, start: number): Value;
}

/** The fields of a word: one for each that the program gets. */
export function expandFields(word: ShellWord, expansions: Expansions): readonly Field[] {
  const { segments, isQuoted } = read(word, expansions);
  return splitFields(segments, isQuoted);
}

/** The word as one field, as in an assignment: blanks part nothing. */
export function expandWhole(word: ShellWord, expansions: Expansions, from = 0): Field {
  const { segments } = read(word, expansions, from);
  const field = fieldOf(segments);
  return segments.length > 0 ? field : { ...field, start: word.start, end: word.end };
}

interface Reading {
  readonly text: string;
  readonly offset: number;
  readonly expansions: Expansions;
  readonly segments: Segment[];
  isQuoted: boolean;
  at: number;
}

/** Reads from that character of the word on. */
function read(word: ShellWord, expansions: Expansions, from = 0): Reading {
  const reading: Reading = {
    text: word.text,
    offset: word.start,
    expansions,
    segments: [],
    isQuoted: false,
    at: from,
  };
  if (/^[<>]\(/.test(word.text)) readProcess(reading);
  else readPieces(reading, false);
  return reading;
}

/** `<(program)`: the name of a file that nobody knows. */
function readProcess(reading: Reading): void {
  const { text, offset, expansions } = reading;
  expansions.output(text.slice(2, -1), offset + 2);
  add(reading, hole, 0, text.length);
}

function readPieces(reading: Reading, isQuoted: boolean): void {
  const { text } = reading;
  while (reading.at < text.length) {
    const character = text[reading.at] ?? "";
    const { at } = reading;
    if (isQuoted && character === '"') return;
    if (character === "$" || character === "`") readExpansion(reading, isQuoted);
    else if (character === "\\") readEscape(reading, isQuoted);
    else if (!isQuoted && character === '"') {
      reading.isQuoted = true;
      reading.at += 1;
      readPieces(reading, true);
      reading.at += 1;
    } else if (!isQuoted && character === "'") {
      reading.isQuoted = true;
      const close = text.indexOf("'", at + 1);
      const end = close === -1 ? text.length : close;
      add(reading, text.slice(at + 1, end), at + 1, end);
      reading.at = end + 1;
    } else {
      const [plain = character] = /^[^$`\\"']+/.exec(text.slice(at)) ?? [];
      add(reading, plain, at, at + plain.length);
      reading.at += plain.length;
    }
  }
}

function readEscape(reading: Reading, isQuoted: boolean): void {
  const { text, at } = reading;
  const next = text[at + 1] ?? "";
  const isEscape = !isQuoted || /[$`"\\\n]/.test(next);
  reading.at += isEscape ? 2 : 1;
  if (isEscape && next === "\n") return;
  if (isEscape) add(reading, next, at + 1, at + 2);
  else add(reading, "\\", at, at + 1);
}

/** `$name`, `${name…}`, `$((…))`, `$(…)` and backquotes. */
function readExpansion(reading: Reading, isQuoted: boolean): void {
  const { text, at, expansions, offset } = reading;
  const next = text[at + 1] ?? "";
  if (text[at] === "`" || next === "(") {
    const isArithmetic = text.startsWith("((", at + 1);
    const open = at + (text[at] === "`" ? 1 : 2);
    const close = text[at] === "`" ? closingBackquote(text, open) : closingBracket(text, at + 1);
    const end = close ?? text.length;
    const value = isArithmetic
      ? { text: hole }
      : expansions.output(text.slice(open, end), offset + open);
    addValue(reading, value, undefined, end + 1, isQuoted);
    return;
  }
  const parameter = readParameter(text, at);
  if (parameter === undefined) {
    add(reading, "$", at, at + 1);
    reading.at += 1;
    return;
  }
  const { name, modifier } = parameter;
  const values = name === "@" && modifier === "" && isQuoted ? expansions.arguments() : undefined;
  if (values !== undefined) {
    addArguments(reading, values, parameter.end);
    return;
  }
  // Who has a default computed, or wants none, knows that there may be no value.
  const isAware = /^:?[-=]$/.test(modifier) && /^$|[$`]/.test(parameter.argument);
  if (!isAware) expansions.note(name, offset + at, offset + parameter.end);
  const value = parameterText(parameter, expansions.variable(name), (argument, start) =>
    expandText(argument, offset + start, expansions),
  );
  if (modifier.endsWith("=") && name !== "") expansions.assign(name, value);
  addValue(reading, value, name, parameter.end, isQuoted);
}

/** `"$@"`: each is a word. */
function addArguments(reading: Reading, values: readonly Value[], end: number): void {
  const { at } = reading;
  for (const [index, value] of values.entries()) {
    reading.at = at;
    if (index > 0) addValue(reading, { text: " " }, "@", end, false);
    reading.at = at;
    addValue(reading, value, "@", end, true);
  }
  reading.at = end;
}

/** A text within `${…}`, where blanks part nothing. */
function expandText(text: string, start: number, expansions: Expansions): Value {
  const word = { kind: "word", text, start, end: start + text.length, substitutions: [] } as const;
  const field = expandWhole(word, expansions);
  const asked = field.segments.find((segment) => segment.asked !== undefined)?.asked;
  return { text: field.text, asked };
}

function readParameter(text: string, at: number): Parameter | undefined {
  if (text[at + 1] !== "{") {
    const [name] = /^(?:[A-Za-z_]\w*|[\d@*#?$!-])/.exec(text.slice(at + 1, at + 257)) ?? [];
    return name === undefined
      ? undefined
      : { name, modifier: "", argument: "", argumentStart: 0, end: at + 1 + name.length };
  }
  const end = closingBracket(text, at + 1) ?? text.length;
  const inner = text.slice(at + 2, end);
  const [all = "", name = "", modifier = ""] =
    /^([A-Za-z_]\w*|[\d@*#?$!-])(:?[-=+?]|##?|%%?|\/\/?|[,^]{1,2}|)/.exec(inner) ?? [];
  const isKnownForm = name !== "" && (modifier !== "" || all === inner);
  return {
    name: isKnownForm ? name : "",
    modifier,
    argument: inner.slice(all.length),
    argumentStart: at + 2 + all.length,
    end: end + 1,
  };
}

function add(reading: Reading, text: string, start: number, end: number): void {
  const { offset, segments } = reading;
  segments.push({ text, start: offset + start, end: offset + end, isSplit: false });
}

function addValue(
  reading: Reading,
  { text, range, asked }: Value,
  variable: string | undefined,
  end: number,
  isQuoted: boolean,
): void {
  const { offset, segments, at } = reading;
  const place = { start: offset + at, end: offset + end };
  segments.push({ text, ...place, variable, range, asked, isSplit: !isQuoted });
  reading.at = end;
}
