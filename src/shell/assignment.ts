/** `NAME=value`: what a word sets. */
import type { Environment } from "./environment.ts";
import { expandWhole } from "./expand.ts";
import { expansionsAt } from "./expansions.ts";
import { type Going, type Place, stretchAt } from "./going.ts";
import type { ShellWord } from "./token.ts";
import { joinedText, unknown, type Value, valueOf } from "./value.ts";

/** What the words before a command set, in order. */
export function assign(
  words: readonly ShellWord[],
  place: Place,
  going: Going,
): readonly (readonly [string, Value])[] {
  const { env } = place;
  return words.map((word) => assignmentOf(word, env, place, going));
}

/** `NAME=value`, `NAME+=value`. */
export function assignmentOf(
  word: ShellWord,
  env: Environment,
  place: Place,
  going: Going,
): readonly [string, Value] {
  const [all, name = "", element, plus] = /^([A-Za-z_]\w*)(\[[^\]]*\])?(\+?)=/.exec(word.text) ?? [
    "",
  ];
  const field = expandWhole(word, expansionsAt(place, going), all.length);
  const { start, end } = stretchAt(place, word.start, word.end);
  const range = going.evaluating.rangeOf(start, end);
  const value = valueOf(field, range);
  if (word.isArray === true || element !== undefined) return [name, { ...unknown, range }];
  const before = plus === "+" ? (env.get(name)?.text ?? "") : "";
  return [name, { ...value, text: joinedText([before, value.text], "") }];
}
