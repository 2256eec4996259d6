/** What a change of a Dockerfile leaves as it was: each instruction that it does not touch must still be one, with the same words. */
import type { Instruction } from "../dockerfile/instruction.ts";
import { type Dockerfile, parseDockerfile } from "../dockerfile/syntax.ts";
import { firstIndex, placesIn, type Splice, spliced, type Stretch } from "./splice.ts";

/**
 * Whether the changed text parses to the same tree elsewhere. What lies outside of the splices is the same byte for byte, so it is enough
 * that the instructions have the same borders, are read with the same directives, and that no others came in but at the splices.
 */
export function leavesTheRest(before: string, splices: readonly Splice[]): boolean {
  const after = spliced(before, splices);
  const [old, now] = [parseDockerfile(before), parseDockerfile(after)];
  if (directivesOf(old) !== directivesOf(now)) return false;
  if (now.problems.length > old.problems.length) return false;
  const changes = changesOf(splices);
  const expected = new Map<number, string>();
  for (const place of instructionsIn(before, old)) {
    if (near(splices, place).some((splice) => touches(splice, place))) continue;
    const by = changes[firstIndex(changes, ({ splice }) => splice.end > place.start) - 1]?.by ?? 0;
    expected.set(place.start + by, bordersOf({ ...place, end: place.end + by }));
  }
  const written = changes.map((change) => change.written);
  for (const place of instructionsIn(after, now)) {
    if (expected.get(place.start) === bordersOf(place)) expected.delete(place.start);
    else if (near(written, place).length === 0) return false;
  }
  return expected.size === 0;
}

interface Place extends Stretch {
  readonly instruction: Instruction;
}

function directivesOf({ directives, escape }: Dockerfile): string {
  return JSON.stringify([escape, ...directives.map(({ name, value }) => [name, value])]);
}

function instructionsIn(text: string, { instructions }: Dockerfile): readonly Place[] {
  const places = placesIn(text);
  return instructions.map((instruction) => {
    const stretch = places.stretchOf(instruction.range);
    if (stretch === undefined) throw new RangeError("an instruction stands outside of its text");
    return { ...stretch, instruction };
  });
}

function bordersOf({ end, instruction: { keyword, heredocs } }: Place): string {
  return `${end} ${keyword} ${heredocs.length}`;
}

/** A line of its own before or behind an instruction does not touch it. */
function touches({ start, end, text }: Splice, place: Stretch): boolean {
  if (start < place.end && end > place.start) return true;
  if (start === end && end === place.start) return !text.endsWith("\n");
  if (start === end && start === place.end) return !/^\r?\n/.test(text);
  return start === place.end || end === place.start;
}

interface Change {
  readonly splice: Splice;
  /** Where its text stands in the changed text. */
  readonly written: Stretch;
  /** How far everything behind it has moved. */
  readonly by: number;
}

function changesOf(splices: readonly Splice[]): readonly Change[] {
  let by = 0;
  return splices.map((splice) => {
    const start = splice.start + by;
    const written = { start, end: start + splice.text.length };
    by += splice.text.length - (splice.end - splice.start);
    return { splice, written, by };
  });
}

/** Those that lie in the stretch or at its border. They are in order and do not overlap. */
function near<T extends Stretch>(stretches: readonly T[], { start, end }: Stretch): readonly T[] {
  const first = firstIndex(stretches, (one) => one.end >= start);
  return stretches.slice(
    first,
    firstIndex(stretches, (one) => one.start > end),
  );
}
