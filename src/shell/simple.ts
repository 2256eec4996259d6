/** A simple command: its assignments, its words, and what the shell's own commands change. */
import type { Environment } from "./environment.ts";
import { expandFields, expandWhole, type Expansions } from "./expand.ts";
import { expansionsAt } from "./expansions.ts";
import {
  type Going,
  nothing,
  type Outcome,
  outside,
  type Place,
  type Status,
  statusOf,
} from "./going.ts";
import type { SimpleCommand } from "./node.ts";
import { outputOf } from "./output.ts";
import { testHolds } from "./test-expression.ts";
import type { ShellWord, Token } from "./token.ts";
import { type Field, hole, isKnown, joinedText, unknown, type Value, valueOf } from "./value.ts";

export function runSimple(command: SimpleCommand, place: Place, going: Going): Outcome {
  const { env, offset, isCertain } = place;
  const assigned = assign(command.assignments, place, going);
  const expansions = expansionsAt(place, going);
  const isTest = command.words[0]?.text === "[" || command.words[0]?.text === "test";
  const asking = askingWhether(isTest ? command.words : []);
  const fields = command.words
    .flatMap((word) => [...expandFields(word, asking.has(word) ? quiet(expansions) : expansions)])
    .map((field) => movedBy(field, offset));
  const redirections = command.redirections.map(({ sign, to }) => ({
    sign,
    to: movedBy(expandWhole(to, expansions), offset),
  }));
  const [name, ...args] = fields;
  if (name === undefined) {
    for (const [variable, value] of assigned) env.set(variable, value);
    return command.words.length > 0 ? { status: "unknown", output: { text: hole } } : nothing;
  }
  going.spend(fields.reduce((sum, { text }) => sum + text.length + 1, 0));
  const own = assigned.length === 0 ? env : env.fork();
  for (const [variable, value] of assigned) {
    own.set(variable, value);
    own.export(variable);
  }
  const body = env.functions.get(name.text);
  if (body !== undefined) {
    const called = env.called(args.map((arg) => valueOf(arg)));
    const outcome = going.go(body, { ...place, env: called });
    env.isOpen ||= called.isOpen;
    return outside(outcome, ["return"]);
  }
  const { start, end } = command;
  const places = { start: offset + start, end: offset + end };
  going.reach({ fields, environment: own.exported(), isCertain, redirections, ...places });
  const known = builtins.get(name.text);
  if (known !== undefined) return known(args, { place, going, words: command.words.slice(1) });
  const printed = outputOf(fields, place.input, going.evaluating.machine);
  const isElsewhere = command.redirections.some(({ sign }) => /^[1&]?>/.test(sign));
  return { status: statusOfProgram(name.text), output: isElsewhere ? { text: "" } : printed };
}

/** How `[[ … ]]` ends. */
export function testStatus(tokens: readonly Token[], place: Place, going: Going): Status {
  const expansions = expansionsAt(place, going);
  const asking = askingWhether(tokens);
  const operands = tokens.map((token) =>
    token.kind === "word"
      ? expandWhole(token, asking.has(token) ? quiet(expansions) : expansions).text
      : token.text,
  );
  return statusOf(testHolds(operands, { isExtended: true }));
}

function quiet(expansions: Expansions): Expansions {
  return { ...expansions, note: () => {} };
}

/** The words of a test that ask whether they are empty: `[ -z "$A" ]`, `[ "$A" = "" ]`, `[ x$A = x ]`. */
function askingWhether(words: readonly Token[]): ReadonlySet<Token> {
  return new Set(
    words.filter(({ text }, at) => {
      if (/^-[nz]$/.test(words[at - 1]?.text ?? "")) return true;
      const [sign, other] = words.slice(at + 1, at + 3);
      if (other === undefined || !/^[!=]?=$/.test(sign?.text ?? "")) return false;
      const [, prefix] = /^"?(\w*)\$/.exec(text) ?? [];
      return prefix !== undefined && other.kind === "word" && other.value === prefix;
    }),
  );
}

/** Where a word stands in the script, and not only in the text of its substitution. */
function movedBy(field: Field, offset: number): Field {
  if (offset === 0) return field;
  const move = <T extends { readonly start: number; readonly end: number }>(one: T): T => ({
    ...one,
    start: one.start + offset,
    end: one.end + offset,
  });
  return { ...move(field), segments: field.segments.map(move) };
}

function assign(
  words: readonly ShellWord[],
  place: Place,
  going: Going,
): readonly (readonly [string, Value])[] {
  const { env } = place;
  return words.map((word) => assignmentOf(word, env, place, going));
}

/** `NAME=value`, `NAME+=value`. */
function assignmentOf(
  word: ShellWord,
  env: Environment,
  place: Place,
  going: Going,
): readonly [string, Value] {
  const [all, name = "", element, plus] = /^([A-Za-z_]\w*)(\[[^\]]*\])?(\+?)=/.exec(word.text) ?? [
    "",
  ];
  const field = expandWhole(word, expansionsAt(place, going), all.length);
  const { offset } = place;
  const range = going.evaluating.rangeOf(offset + word.start, offset + word.end);
  const value = valueOf(field, range);
  if (word.isArray === true || element !== undefined) return [name, { ...unknown, range }];
  const before = plus === "+" ? (env.get(name)?.text ?? "") : "";
  return [name, { ...value, text: joinedText([before, value.text], "") }];
}

interface Calling {
  readonly place: Place;
  readonly going: Going;
  readonly words: readonly ShellWord[];
}

type Builtin = (args: readonly Field[], calling: Calling) => Outcome;

const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ["export", declare(true)],
  ["readonly", declare(false)],
  ["declare", declare(false)],
  ["typeset", declare(false)],
  ["local", declare(false)],
  [
    "unset",
    (args, { place }) => {
      for (const { text } of args) place.env.unset(text);
      return nothing;
    },
  ],
  ["read", filling],
  ["mapfile", filling],
  ["readarray", filling],
  ["getopts", filling],
  ["exit", ([code]) => ({ ...ended(code), ends: isFailure(code) ? "failure" : "exit" })],
  ["return", ([code]) => ({ ...ended(code), ends: "return" })],
  ["break", () => ({ ...nothing, ends: "break" })],
  ["continue", () => ({ ...nothing, ends: "continue" })],
  [
    "set",
    (args, { place }) => {
      const [first] = args;
      const from = args.findIndex(({ text }) => text === "--") + 1;
      if (first === undefined || (from === 0 && /^[-+\uF8FF]/.test(first.text))) return nothing;
      place.env.arguments = args.slice(from).map((arg) => valueOf(arg));
      return nothing;
    },
  ],
  [
    "shift",
    ([count], { place }) => {
      const by = count === undefined ? 1 : Number(count.text);
      place.env.arguments = Number.isNaN(by) ? undefined : place.env.arguments?.slice(by);
      return nothing;
    },
  ],
  [".", (_, { place }) => sourced(place)],
  ["source", (_, { place }) => sourced(place)],
  ["true", () => nothing],
  [":", () => nothing],
  ["false", () => ({ ...nothing, status: "failure" })],
  ["[", (args) => ({ ...nothing, status: tested(args.slice(0, -1)) })],
  ["test", (args) => ({ ...nothing, status: tested(args) })],
  [
    "eval",
    (args, { place, going }) => {
      const text = joinedText(
        args.map((arg) => arg.text),
        " ",
      );
      if (isKnown({ text })) return going.goThrough(text, place);
      place.env.isOpen = true;
      return { status: "unknown", output: { text: hole } };
    },
  ],
]);

/** Those that set the variables that they are given the names of. */
function filling(args: readonly Field[], { place }: Calling): Outcome {
  for (const { text } of args) if (!text.startsWith("-")) place.env.set(text, unknown);
  return { ...nothing, status: "unknown" };
}

function isFailure(code: Field | undefined): boolean {
  return /^0*[1-9]\d*$/.test(code?.text ?? "");
}

function ended(code: Field | undefined): Outcome {
  if (isFailure(code)) return { ...nothing, status: "failure" };
  return { ...nothing, status: code?.text === "0" ? "success" : "unknown" };
}

/** What a file sets is not known. */
function sourced({ env }: Place): Outcome {
  env.isOpen = true;
  return { ...nothing, status: "assumed" };
}

function tested(args: readonly Field[]): Status {
  return statusOf(
    testHolds(
      args.map(({ text }) => text),
      { isExtended: false },
    ),
  );
}

/** `export NAME=value NAME …`: its words are assignments, whose blanks part nothing. */
function declare(isExported: boolean): Builtin {
  return (_, { place, going, words }) => {
    for (const word of words) {
      const isAssignment = /^[A-Za-z_]\w*\+?=/.test(word.text);
      const name = /^[A-Za-z_]\w*/.exec(word.text)?.[0];
      if (isAssignment) place.env.set(...assignmentOf(word, place.env, place, going));
      const isFlagged = words.some(({ text }) => /^-\w*x/.test(text));
      if (name !== undefined && (isExported || isFlagged)) place.env.export(name);
      // `export $(cat file)`: names that nobody knows.
      if (/^["]?[$`]/.test(word.text)) place.env.isOpen = true;
    }
    return nothing;
  };
}

/** Programs that are asked for their answer. */
const answering: ReadonlySet<string> = new Set(
  "grep egrep fgrep command which type hash diff cmp id getent pgrep expr".split(" "),
);

function statusOfProgram(name: string): Status {
  return answering.has(name.split("/").at(-1) ?? "") || name.includes(hole) ? "unknown" : "assumed";
}
