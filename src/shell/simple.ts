/** A simple command: its assignments, its words, and what it prints. */
import { assign } from "./assignment.ts";
import { builtins } from "./builtin.ts";
import { type CommandLine, commandLineOf } from "./command-line.ts";
import { expandFields, expandWhole, type Expansions } from "./expand.ts";
import { expansionsAt } from "./expansions.ts";
import {
  endings,
  type Going,
  nothing,
  type Outcome,
  outside,
  type Place,
  placeOfText,
  type Status,
  statusOf,
  type Stretch,
  stretchAt,
} from "./going.ts";
import type { SimpleCommand } from "./node.ts";
import { outputOf } from "./output.ts";
import { testHolds } from "./test-expression.ts";
import { parseShell } from "./syntax.ts";
import type { Token } from "./token.ts";
import { type Field, hole, isKnown, valueOf } from "./value.ts";

export function runSimple(command: SimpleCommand, place: Place, going: Going): Outcome {
  const { env, isCertain } = place;
  const assigned = assign(command.assignments, place, going);
  const expansions = expansionsAt(place, going);
  const isTest = command.words[0]?.text === "[" || command.words[0]?.text === "test";
  const asking = askingWhether(isTest ? command.words : []);
  const fields = command.words
    .flatMap((word) => [...expandFields(word, asking.has(word) ? quiet(expansions) : expansions)])
    .map((field) => movedBy(field, place));
  const redirections = command.redirections.map(({ sign, to }) => ({
    sign,
    to: movedBy(expandWhole(to, expansions), place),
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
  const places = stretchAt(place, command.start, command.end);
  const environment = own.exported();
  const { directory } = env;
  going.reach({ fields, environment, directory, isCertain, redirections, ...places });
  const known = builtins.get(name.text);
  if (known !== undefined) return known(args, { place, going, words: command.words.slice(1) });
  const line = commandLineOf(fields);
  if (line !== undefined) return runLine(line, { ...place, env: own }, going);
  const printed = outputOf(fields, place.input, going.evaluating.machine);
  const isElsewhere = command.redirections.some(({ sign }) => /^[1&]?>/.test(sign));
  return { status: statusOfProgram(name.text), output: isElsewhere ? { text: "" } : printed };
}

/** A shell of its own, which sees what is exported alone. What is not understood says nothing of what stands around it. */
function runLine({ text, args, isLogin }: CommandLine, place: Place, going: Going): Outcome {
  const { list, isComplete } = parseShell(text.text);
  if (!isComplete || !isKnown(text)) return { status: "unknown", output: { text: hole } };
  const env = place.env.started(args.map((arg) => valueOf(arg)));
  if (isLogin) {
    env.directory = undefined;
    env.isOpen = true;
  }
  return outside(going.go(list, { ...place, env, ...placeOfText([text], place) }), endings);
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
function movedBy(field: Field, place: Place): Field {
  if (place.offset === 0 && place.whole === undefined) return field;
  const move = <T extends Stretch>(one: T): T => ({
    ...one,
    ...stretchAt(place, one.start, one.end),
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
