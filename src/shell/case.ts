/** Which ways a `case` may go. */
import { expandWhole, type Expansions } from "./expand.ts";
import type { Case, List } from "./node.ts";
import { matchesGlob } from "./pattern.ts";
import { type Field, isKnown } from "./value.ts";

/** The bodies that may be gone for a value, in order: up to the first whose pattern matches for certain. */
export function bodiesFor(
  value: Field,
  items: Case["items"],
  expansions: Expansions,
): readonly List[] {
  const bodies: List[] = [];
  for (const { patterns, body } of items) {
    const answers = new Set(
      patterns.map((word) => {
        const pattern = expandWhole(word, expansions);
        const isDecided = isKnown(value) && isKnown(pattern);
        return isDecided ? matchesGlob(value.text, pattern.text) : undefined;
      }),
    );
    const isMatch = answers.has(true);
    if (isMatch || answers.has(undefined)) bodies.push(body);
    if (isMatch || (answers.has(undefined) && patterns.some(({ text }) => text === "*"))) break;
  }
  return bodies;
}
