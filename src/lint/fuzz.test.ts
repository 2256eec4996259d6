import { test } from "node:test";
import fc from "fast-check";
import { checkLinted } from "../../test/lint/linted.ts";
import { mutated } from "../../test/lint/mutation.ts";
import { randomOf } from "../../test/random.ts";

test("whatever becomes of a Dockerfile, it is looked at, and each finding has a place in it", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      checkLinted(mutated(randomOf(seed)));
    }),
    { numRuns: 250 },
  );
});
