import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Instruction } from "../../dockerfile/instruction.ts";
import { parseDockerfile } from "../../dockerfile/syntax.ts";
import { writeInstruction } from "./writing.ts";

function firstOf(text: string): Instruction | undefined {
  return parseDockerfile(`FROM scratch\n${text}`).stages[0]?.instructions[0];
}

/** What an instruction says, however it is laid out. */
function saidBy(instruction: Instruction | undefined) {
  if (instruction === undefined) return undefined;
  const { keyword, flags, text, heredocs } = instruction;
  return {
    keyword,
    flags: flags.map(({ name, value }) => [name, value]),
    text: text.replaceAll(/\s+/g, " ").trim(),
    heredocs: heredocs.map(({ name, content }) => [name, content]),
  };
}

test("a long RUN is broken where its commands end, a longer one between its words", () => {
  const packages = Array.from({ length: 14 }, (_, at) => `library-${at}-dev`).join(" ");
  const run = firstOf(
    `RUN set -eux; apt-get update && apt-get install -y ${packages}; rm -rf /var/lib/apt/lists/*`,
  );
  assert.ok(run);
  assert.deepEqual(writeInstruction(run, "\\"), [
    "RUN set -eux; \\",
    "    apt-get update && \\",
    "    apt-get install -y library-0-dev library-1-dev library-2-dev library-3-dev library-4-dev \\",
    "        library-5-dev library-6-dev library-7-dev library-8-dev library-9-dev library-10-dev \\",
    "        library-11-dev library-12-dev library-13-dev; \\",
    "    rm -rf /var/lib/apt/lists/*",
  ]);
});

const words = fc.constantFrom(
  ..."a|make|&&|;|'x  y #'|\"b $c\"|$(d e)|--flag=1|${f:-g}|a-rather-long-word-that-fills-the-line-soon|[|]|\\\\;|>|/dev/null|case x in y) z ;; esac".split(
    "|",
  ),
);
const heads = fc.constantFrom(
  "RUN ",
  "RUN --mount=type=cache,target=/x ",
  'RUN --mount=type=cache,target="/a b" ',
  "COPY --from=x ",
  "ENV a=",
  "WORKDIR ",
  "RUN <<E ",
  "LABEL ",
);

test("what is written says what was read", () => {
  fc.assert(
    fc.property(heads, fc.array(words, { minLength: 1, maxLength: 40 }), (head, parts) => {
      const tail = head.includes("<<E") ? "\nbody\n  more\nE" : "";
      const before = firstOf(`${head}${parts.join(" ")}${tail}`);
      assert.ok(before);
      const written = writeInstruction(before, "\\");
      assert.deepEqual(saidBy(firstOf(written.join("\n"))), saidBy(before));
    }),
    { numRuns: 2000 },
  );
});
