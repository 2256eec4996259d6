/** The exec form: a JSON array of strings, `["cmd", "argument"]`. */
import type { Report } from "./problem.ts";
import { rangeIn } from "./line.ts";
import { type Stretch, textOf, type Word } from "./split.ts";

/** The array's strings with their places; undefined for what is no JSON array, which the builder then takes for a shell's line. */
export function readExecForm(stretch: Stretch, report: Report): readonly Word[] | undefined {
  const { line, start, end } = stretch;
  const text = textOf(stretch);
  if (!text.startsWith("[")) return undefined;
  const values = readArray(text);
  if (values === undefined) return undefined;
  // Every string of a valid array is one match, so that the places need no second parser.
  const places = [...text.matchAll(/"(?:[^"\\]|\\.)*"/gu)];
  const words: Word[] = [];
  for (const [index, value] of values.entries()) {
    const place = places[index];
    if (typeof value !== "string" || place === undefined) {
      report("json", "an array in the exec form holds strings only", rangeIn(line, start, end));
      return undefined;
    }
    const from = start + place.index;
    words.push({ text: value, range: rangeIn(line, from, from + place[0].length) });
  }
  return words;
}

function readArray(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
