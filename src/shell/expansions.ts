/** What the expansions of a word ask for, at a place of the script. */
import type { Expansions } from "./expand.ts";
import { type Going, type Place, stretchAt } from "./going.ts";
import { unknown } from "./value.ts";

/** What a word takes beside its characters, in characters. */
const costOfWord = 8;

export function expansionsAt(place: Place, going: Going): Expansions {
  const { env, offset, isCertain } = place;
  const { fallback = () => undefined } = going.evaluating;
  return {
    variable(name) {
      const value = env.get(name) ?? fallback(name);
      return value === undefined || going.spend(value.text.length) ? value : unknown;
    },
    note(name, start, end) {
      if (!isCertain || !/^[A-Za-z_]/.test(name) || env.get(name) !== undefined) return;
      going.noteUnset({ name, ...stretchAt(place, start, end) });
    },
    assign: (name, value) => env.set(name, value),
    arguments() {
      const { arguments: values } = env;
      const cost = values?.reduce((sum, { text }) => sum + text.length + costOfWord, 0) ?? 0;
      return going.spend(cost) ? values : undefined;
    },
    output(text, start) {
      const { output } = going.goThrough(text, {
        ...place,
        env: env.fork(),
        offset: offset + start,
        input: undefined,
      });
      return { ...output, text: output.text.replace(/\n+$/, "") };
    },
  };
}
