/** The shell's own commands: what they change for those behind them. */
import { pathOf } from "../dockerfile/directory.ts";
import { assignmentOf } from "./assignment.ts";
import { placeOf } from "./environment.ts";
import {
  type Going,
  nothing,
  type Outcome,
  type Place,
  placeOfText,
  type Status,
  statusOf,
} from "./going.ts";
import { testHolds } from "./test-expression.ts";
import type { ShellWord } from "./token.ts";
import { type Field, hole, isKnown, joinedText, unknown, valueOf } from "./value.ts";

interface Calling {
  readonly place: Place;
  readonly going: Going;
  readonly words: readonly ShellWord[];
}

type Builtin = (args: readonly Field[], calling: Calling) => Outcome;

/** What the shell does itself, and that changes what is behind it. */
export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
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
  ["cd", moving],
  ["pushd", moving],
  [
    "popd",
    (_, { place }) => {
      place.env.directory = undefined;
      return assumed;
    },
  ],
  ["pwd", (_, { place }) => ({ ...assumed, output: placeOf(place.env.directory) })],
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
      if (isKnown({ text }))
        return going.goThrough(text, { ...place, ...placeOfText(args, place) });
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

/** `cd place`. Where `cd -` and a place that is not known lead to nobody knows. */
function moving(args: readonly Field[], { place: { env } }: Calling): Outcome {
  const isEnded = args.findIndex(({ text }) => text === "--");
  const to = args.find(({ text }, at) => at > isEnded && !/^-[A-Za-z@]*$/.test(text));
  env.directory = to === undefined || !isKnown(to) ? undefined : pathOf(to.text, env);
  return assumed;
}

function isFailure(code: Field | undefined): boolean {
  return /^0*[1-9]\d*$/.test(code?.text ?? "");
}

function ended(code: Field | undefined): Outcome {
  if (isFailure(code)) return { ...nothing, status: "failure" };
  return { ...nothing, status: code?.text === "0" ? "success" : "unknown" };
}

const assumed: Outcome = { ...nothing, status: "assumed" };

/** What a file sets is not known. */
function sourced({ env }: Place): Outcome {
  env.isOpen = true;
  return assumed;
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
