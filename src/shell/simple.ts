/** A simple command: its assignments, its words, and what it prints. */
import { assign } from "./assignment.ts";
import { builtins } from "./builtin.ts";
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
import type { Token } from "./token.ts";
import { type Field, hole, valueOf } from "./value.ts";

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
  const environment = own.exported();
  const { directory } = env;
  going.reach({ fields, environment, directory, isCertain, redirections, ...places });
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

/** Programs that are asked for their answer. */
const answering: ReadonlySet<string> = new Set(
  "grep egrep fgrep command which type hash diff cmp id getent pgrep expr".split(" "),
);

function statusOfProgram(name: string): Status {
  return answering.has(name.split("/").at(-1) ?? "") || name.includes(hole) ? "unknown" : "assumed";
}
