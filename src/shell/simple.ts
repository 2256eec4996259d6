/** A simple command: its assignments, its words, and what the shell's own commands change. */
import type { Environment } from "./environment.ts";
import { expandFields, expandWhole } from "./expand.ts";
import { expansionsAt } from "./expansions.ts";
import { type Going, nothing, type Outcome, type Place, type Status, statusOf } from "./going.ts";
import type { SimpleCommand } from "./node.ts";
import { outputOf } from "./output.ts";
import { testHolds } from "./test-expression.ts";
import type { ShellWord } from "./token.ts";
import { type Field, hole, isKnown, unknown, type Value, valueOf } from "./value.ts";

export function runSimple(command: SimpleCommand, place: Place, going: Going): Outcome {
  const { env, offset, isCertain } = place;
  const assigned = assign(command.assignments, place, going);
  const expansions = expansionsAt(place, going);
  const fields = command.words
    .flatMap((word) => [...expandFields(word, expansions)])
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
  const own = env.fork();
  for (const [variable, value] of assigned) {
    own.set(variable, value);
    own.export(variable);
  }
  const body = env.functions.get(name.text);
  if (body !== undefined) {
    return {
      ...going.go(body, { ...place, env: env.called(args.map((arg) => valueOf(arg))) }),
      ends: false,
    };
  }
  const { start, end } = command;
  const places = { start: offset + start, end: offset + end };
  going.reach({ fields, environment: own.exported(), isCertain, redirections, ...places });
  const known = builtins.get(name.text);
  if (known !== undefined) return known(args, { place, going, words: command.words.slice(1) });
  const printed = outputOf(fields, place.input, going.evaluating.machine);
  const isElsewhere = command.redirections.some(({ sign }) => /^1?>/.test(sign));
  return { status: statusOfProgram(name.text), output: isElsewhere ? { text: "" } : printed };
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
  const [all, name = "", plus] = /^([A-Za-z_]\w*)(\+?)=/.exec(word.text) ?? [""];
  const field = expandWhole(word, expansionsAt(place, going), all.length);
  const { offset } = place;
  const range = going.evaluating.rangeOf(offset + word.start, offset + word.end);
  const value = valueOf(field, range);
  const isArray = word.text === all && word.end === word.start + all.length && plus === "";
  const before = plus === "+" ? (env.get(name)?.text ?? "") : "";
  return [name, { ...value, text: isArray && value.text === "" ? "" : before + value.text }];
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
  [
    "read",
    (args, { place }) => {
      for (const { text } of args) if (!text.startsWith("-")) place.env.set(text, unknown);
      return { ...nothing, status: "unknown" };
    },
  ],
  ["exit", () => ({ ...nothing, ends: true })],
  ["return", () => ({ ...nothing, ends: true })],
  ["break", () => ({ ...nothing, ends: true })],
  ["true", () => nothing],
  [":", () => nothing],
  ["false", () => ({ ...nothing, status: "failure" })],
  ["[", (args) => ({ ...nothing, status: tested(args.slice(0, -1)) })],
  ["test", (args) => ({ ...nothing, status: tested(args) })],
  [
    "eval",
    (args, { place, going }) => {
      const text = args.map((arg) => arg.text).join(" ");
      return isKnown({ text })
        ? going.goThrough(text, place)
        : { status: "unknown", output: { text: hole } };
    },
  ],
]);

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
