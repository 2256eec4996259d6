import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Instruction } from "../dockerfile/instruction.ts";
import type { Range } from "../dockerfile/range.ts";
import { parseDockerfile } from "../dockerfile/syntax.ts";
import { parsePlatform } from "../platform/platform.ts";
import { applyFixes, fixDockerfile } from "./fix.ts";
import { inspectDockerfile, type LintFinding } from "./inspect.ts";
import type { Edit } from "./rules/rule.ts";

const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);
const inspect = (text: string) => inspectDockerfile(text, { platforms });

/** `2:5-2:21` */
function at(place: string): Range {
  const [line = 0, column = 0, endLine = 0, endColumn = 0] = place.split(/[:-]/).map(Number);
  return { line, column, endLine, endColumn };
}

function finding(...edits: readonly (readonly [place: string, text: string])[]): LintFinding {
  return {
    rule: "R1",
    severity: "error",
    range: at("1:1-1:1"),
    message: "It is wrong.",
    hint: "Mend it",
    platforms: [],
    edits: edits.map(([place, text]): Edit => ({ range: at(place), text })),
  };
}

/** The text with the edits of each of the findings, and which of them were mended. */
function fixed(text: string, ...findings: readonly LintFinding[]) {
  const result = applyFixes(text, findings);
  return [result.text, result.fixed.map((one) => findings.indexOf(one))] as const;
}

test("an edit takes the place of its range, or is put in where that is empty", () => {
  const text = "FROM a\nARG B=1\nRUN c\n";
  assert.deepEqual(fixed(text, finding(["2:5-2:8", "B"])), ["FROM a\nARG B\nRUN c\n", [0]]);
  assert.deepEqual(fixed(text, finding(["1:7-1:7", "\nARG X"], ["3:5-3:6", "d"])), [
    "FROM a\nARG X\nARG B=1\nRUN d\n",
    [0],
  ]);
  assert.deepEqual(fixed("FROM a", finding(["1:7-1:7", "\nARG X"])), ["FROM a\nARG X", [0]]);
});

test("what several findings want in one place is put in once, and different things one after the other", () => {
  const arch = finding(["1:7-1:7", "\nARG TARGETARCH"]);
  const os = finding(["1:7-1:7", "\nARG TARGETOS"]);
  assert.deepEqual(fixed("FROM a\nRUN b\n", arch, { ...arch }, os), [
    "FROM a\nARG TARGETARCH\nARG TARGETOS\nRUN b\n",
    [0, 1, 2],
  ]);
});

test("a finding whose edits collide with those of one before it is left whole", () => {
  const text = "FROM a\nRUN b c d\n";
  const [first, second] = [
    finding(["2:5-2:8", "x"]),
    finding(["1:7-1:7", "\nUSER e"], ["2:7-2:10", "y"]),
  ];
  assert.deepEqual(fixed(text, first, second), ["FROM a\nRUN x d\n", [0]]);
  assert.deepEqual(fixed(text, second, first), ["FROM a\nUSER e\nRUN b y\n", [0]]);
  assert.deepEqual(fixed(text, first, finding(["2:5-2:8", "z"])), ["FROM a\nRUN x d\n", [0]]);
  assert.deepEqual(fixed(text, finding(["2:5-2:6", "x"]), finding(["2:6-2:8", ""])), [
    "FROM a\nRUN x d\n",
    [0, 1],
  ]);
});

test("an edit outside of the text is not carried out", () => {
  const text = "FROM a\nRUN b\n";
  for (const place of ["9:1-9:1", "1:1-1:9", "2:8-2:8", "2:3-1:1", "0:1-1:1", "1:0-1:1"])
    assert.deepEqual(fixed(text, finding([place, "x"])), [text, []], place);
});

test("lines end as those around them, and a byte order mark stays", () => {
  const edit = finding(["1:7-1:7", "\nARG X\nARG Y"]);
  assert.deepEqual(fixed("\uFEFFFROM a\r\nRUN b\r\n", edit), [
    "\uFEFFFROM a\r\nARG X\r\nARG Y\r\nRUN b\r\n",
    [0],
  ]);
  const last = finding(["2:6-2:6", "\nUSER c"]);
  assert.deepEqual(fixed("FROM a\r\nRUN b", last), ["FROM a\r\nRUN b\r\nUSER c", [0]]);
  assert.deepEqual(fixed("FROM a\nRUN b\r\n", edit), ["FROM a\nARG X\nARG Y\nRUN b\r\n", [0]]);
});

test("an edit that changes what stands elsewhere is not carried out, and the others are", () => {
  const text = "FROM a\nRUN b\nCOPY c d\nUSER e\n";
  const good = finding(["4:6-4:7", "f"]);
  for (const [place, bad] of [
    ["2:6-2:6", " \\"],
    ["2:6-2:6", " <<EOF"],
    ["1:1-1:1", "# escape=`\n"],
    ["2:1-2:1", "NOPE\n"],
    ["2:1-2:4", "ONBUILD FROM"],
  ] as const) {
    const mended = "FROM a\nRUN b\nCOPY c d\nUSER f\n";
    assert.deepEqual(fixed(text, finding([place, bad]), good), [mended, [1]], bad);
  }
});

function linesOf(findings: readonly LintFinding[]): readonly string[] {
  return findings.map(({ rule, range }) => `${rule} ${range.line}`);
}

test("what one fix lays open the next one mends, and what remains is told", () => {
  const text =
    "FROM a AS b\nARG TARGETARCH=amd64\nRUN echo $TARGETOS $TARGETOS\nFROM --platform=linux/s390x b\nRUN echo $TARGETOS\n";
  const { text: mended, fixed: done, findings, found } = fixDockerfile(text, inspect);
  assert.equal(
    mended,
    "FROM a AS b\nARG TARGETOS\nARG TARGETARCH\nRUN echo $TARGETOS $TARGETOS\nFROM --platform=linux/s390x b\nARG TARGETOS\nRUN echo $TARGETOS\n",
  );
  assert.deepEqual(linesOf(done), ["R1 2", "R11 3", "R11 5"]);
  assert.deepEqual(linesOf(findings), ["R6 5"]);
  assert.equal(found.length, 4);
});

test("what is ignored stays as it is", () => {
  const text = "FROM a\n# transship: ignore R11 because it is empty\nRUN echo $TARGETOS\n";
  assert.deepEqual(fixDockerfile(text, inspect).text, text);
});

const another = finding(["1:7-1:7", "\nARG X"]);

/** The longer the text, the less is found. */
function fewer(text: string): readonly LintFinding[] {
  return Array.from({ length: 100 - text.length }, () => another);
}

test("edits that do not help, or never come to an end, are not kept", () => {
  const text = "FROM a\nRUN b\n";
  assert.deepEqual(fixDockerfile(text, () => [another]).text, text);
  const { text: mended, fixed: done } = fixDockerfile(text, fewer);
  assert.equal(mended, `FROM a${"\nARG X".repeat(10)}\nRUN b\n`);
  assert.ok(done.length > 10);
});

test("many findings are mended in little time", () => {
  const lines = Array.from({ length: 900 }, (_, n) => `ARG TARGETARCH=x${n}\nRUN echo $TARGETOS`);
  const { text } = applyFixes(
    `FROM a\n${lines.join("\n")}\n`,
    inspect(`FROM a\n${lines.join("\n")}\n`),
  );
  assert.ok(text.startsWith("FROM a\nARG TARGETOS\nARG TARGETARCH\nRUN echo"));
});

const line = fc.constantFrom(
  "FROM alpine",
  "FROM --platform=$BUILDPLATFORM alpine AS build",
  "FROM build",
  "ARG TARGETARCH=amd64",
  "ARG TARGETOS=windows A=1",
  "ARG TARGETVARIANT",
  "RUN echo $TARGETARCH \\\n  # why\n\n  ${TARGETOS:-linux}",
  "RUN <<EOF\necho $TARGETARCH\nEOF",
  "COPY a$TARGETVARIANT /b",
  "ENV A=$TARGETPLATFORM",
  "# a comment",
  "# transship: ignore R11 because so",
  "",
  "\tUSER me \\",
  'CMD ["a"]',
  "NOPE",
);
const dockerfile = fc
  .tuple(
    fc.constantFrom("", "\uFEFF", "# escape=`\n", "# syntax=docker/dockerfile:1\n"),
    fc.array(line, { maxLength: 14 }),
    fc.constantFrom("\n", "\r\n"),
    fc.boolean(),
  )
  .map(([head, lines, ending, isEnded]) => {
    const text = `${head}FROM a\n${lines.join("\n")}${isEnded ? "\n" : ""}`;
    return text.replaceAll("\n", ending);
  });

/** Every instruction as it stands in the text, but for the ARGs that are mended or put in. */
function others(text: string): readonly string[] {
  return parseDockerfile(text)
    .instructions.filter(({ keyword }) => keyword !== "ARG")
    .map(({ keyword, flags, text: own, heredocs, isExecForm }) =>
      JSON.stringify([
        keyword,
        flags.map(({ name, value }) => [name, value]),
        own,
        isExecForm,
        heredocs.map(({ content }) => content),
      ]),
    );
}

test("a fixed file has no more to mend, and is the same elsewhere", () => {
  fc.assert(
    fc.property(dockerfile, (text) => {
      const { text: mended, findings } = fixDockerfile(text, inspect);
      assert.deepEqual(others(mended), others(text));
      assert.deepEqual(
        findings.filter(({ edits }) => edits !== undefined),
        [],
      );
      assert.equal(fixDockerfile(mended, inspect).text, mended);
      assert.equal(mended.startsWith("\uFEFF"), text.startsWith("\uFEFF"));
      if (text.includes("\r\n")) assert.doesNotMatch(mended, /[^\r]\n/);
      else assert.doesNotMatch(mended, /\r/);
    }),
    { numRuns: 300 },
  );
});

function wordsOf({ keyword, text }: Instruction): string {
  return `${keyword} ${text}`;
}

test("whatever an edit does, the instructions that it does not reach stay what they are", () => {
  const place = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 20 }));
  const text = fc.oneof(line, fc.constantFrom("\n", " \\", "<<EOF", "`", "# ", "[", "\nARG X"));
  const edit = fc.tuple(place, fc.integer({ min: 0, max: 9 }), text);
  fc.assert(
    fc.property(dockerfile, edit, (before, [[number, column], length, own]) => {
      const range = at(`${number}:${column}-${number}:${column + length}`);
      const changed = { ...finding(), edits: [{ range, text: own }] };
      const { text: after } = applyFixes(before, [changed]);
      if (after === before) return;
      const untouched = parseDockerfile(before).instructions.filter(
        (one) => one.range.endLine < number || one.range.line > number,
      );
      const left = new Set(parseDockerfile(after).instructions.map(wordsOf));
      for (const one of untouched) assert.ok(left.has(wordsOf(one)));
    }),
    { numRuns: 1000 },
  );
});
