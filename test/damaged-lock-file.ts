/** Lock files with a piece of them replaced, as merges and half-written files leave them. */
import assert from "node:assert/strict";
import fc from "fast-check";

/** That each is read, or refused with a reason. `marks` are what their syntax is made of. */
export function assertReadOrRefused(
  texts: readonly (readonly [string, string])[],
  marks: readonly string[],
  read: (name: string, text: string) => void,
): void {
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      fc.nat(),
      fc.nat({ max: 40 }),
      fc.oneof(fc.string(), fc.constantFrom(...marks)),
      ([name, text], at, length, instead) => {
        const start = at % (text.length + 1);
        const damaged = text.slice(0, start) + instead + text.slice(start + length);
        try {
          read(name, damaged);
        } catch (error) {
          assert.ok(error instanceof SyntaxError);
        }
      },
    ),
    { numRuns: 1000 },
  );
}
