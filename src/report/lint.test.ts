import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { fixDockerfile } from "../lint/fix.ts";
import { inspectDockerfile } from "../lint/inspect.ts";
import type { LintResult } from "../lint/lint.ts";
import { parsePlatform } from "../platform/platform.ts";
import { lintDocument, lintText } from "./lint.ts";
import { coloured, plain } from "./style.ts";

const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);
const inspect = (text: string) => inspectDockerfile(text, { platforms });

/** What lint comes to for that text, as it stands or with `--fix`. */
function resultOf(text: string, fix?: "write" | "plan"): LintResult {
  const { text: after, fixed, found, findings } = fixDockerfile(text, inspect);
  const path = "web/Dockerfile";
  const own = { before: text, after, fixed, isPlan: fix === "plan" };
  const file =
    fix === "write"
      ? { path, text: after, findings, fix: own }
      : { path, text, findings: found, ...(fix === undefined ? {} : { fix: own }) };
  return { outcome: "errors", files: [file], isBuildkits: false };
}

const text = "FROM alpine\nARG TARGETARCH=amd64\nRUN true\n";
const shadowed = [
  "error[R1] web/Dockerfile:2:5 (linux/arm64)",
  '  The default takes the place of BuildKit\'s own value: built for linux/arm64, TARGETARCH is "amd64" and not "arm64".',
  "    1 | FROM alpine",
  "  > 2 | ARG TARGETARCH=amd64",
  "      |     ^^^^^^^^^^^^^^^^",
  "    3 | RUN true",
  "  It may say: exec format error",
  "  → Declare it without a default: ARG TARGETARCH (--fix does it)",
];

test("a finding has its place, its platforms, its lines with what is meant underlined, and what to write", () => {
  assert.deepEqual(lintText(resultOf(text), plain).split("\n"), [
    ...shadowed,
    "",
    "web/Dockerfile: 1 error; --fix mends 1 of them",
    "One that is meant so, in a line before it: # transship: ignore R1 because REASON",
  ]);
});

test("what will be printed is told, and nothing of a fix where there is none", () => {
  const shown = lintText(resultOf("FROM --platform=linux/s390x alpine\nCMD x\n"), plain);
  assert.match(shown, /^ {2}It will say: exec format error$/m);
  assert.doesNotMatch(shown, /--fix/);
  assert.match(shown, /^web\/Dockerfile: 1 error$/m);
});

test("where nothing was found one line says so; quiet says only what is wrong", () => {
  const clean = resultOf("FROM alpine\n");
  assert.equal(lintText(clean, plain), "web/Dockerfile: nothing speaks against it.");
  assert.equal(lintText(clean, plain, { quiet: true }), "");
  assert.deepEqual(lintText(resultOf(text), plain, { quiet: true }).split("\n"), shadowed);
  const both = { ...clean, files: [...clean.files, ...clean.files] };
  assert.equal(lintText(both, plain), "2 files: nothing speaks against it.");
});

test("errors and warnings are counted", () => {
  const warned = "FROM alpine\n# transship: ignore R1 because so\nRUN echo $TARGETOS $TARGETARCH\n";
  assert.match(lintText(resultOf(warned), plain), /^web\/Dockerfile: 2 errors, 1 warning; /m);
  const result = resultOf("FROM alpine\n# transship: ignore R1 because so\nRUN true\n");
  const lines = lintText({ ...result, outcome: "warnings" }, plain).split("\n");
  assert.equal(lines.at(-1), "web/Dockerfile: 1 warning");
});

test("what was fixed is said before what remains", () => {
  const both = text.replace("FROM", "FROM --platform=linux/s390x");
  const shown = lintText(resultOf(both, "write"), plain);
  assert.equal(
    shown.split("\n")[0],
    "fixed[R1] web/Dockerfile:2:5  Declare it without a default: ARG TARGETARCH",
  );
  assert.match(shown, /^error\[R3\] web\/Dockerfile:1:6$/m);
  assert.match(shown, /^web\/Dockerfile: 1 fixed, 1 error$/m);
  assert.match(
    lintText(resultOf(text, "write"), plain),
    /^web\/Dockerfile: 1 fixed, nothing else speaks against it\.$/m,
  );
});

test("a plan is a diff, then what it would leave; the places are those of the file as it is", () => {
  const both = `${text.replace("FROM", "FROM --platform=linux/s390x")}RUN echo $TARGETOS\n`;
  const shown = lintText(resultOf(both, "plan"), plain);
  assert.deepEqual(shown.split("\n").slice(0, 10), [
    "--- web/Dockerfile",
    "+++ web/Dockerfile",
    "@@ -1,4 +1,5 @@",
    " FROM --platform=linux/s390x alpine",
    "-ARG TARGETARCH=amd64",
    "+ARG TARGETOS",
    "+ARG TARGETARCH",
    " RUN true",
    " RUN echo $TARGETOS",
    "",
  ]);
  assert.match(shown, /^error\[R3\] web\/Dockerfile:1:6$/m);
  assert.doesNotMatch(shown, /error\[R1/);
  assert.match(shown, /^web\/Dockerfile: 3 errors; --fix mends 2 of them$/m);
});

test("control characters and marks of direction do not reach the terminal, but for the ends of lines", () => {
  const evil = "FROM alpine\r\nARG TARGETARCH=\u001B[31m\u202Eamd64\u009B1m\r\nRUN true\r\n";
  for (const fix of [undefined, "write", "plan"] as const) {
    const result = resultOf(evil, fix);
    const files = result.files.map((file) => ({ ...file, path: "a\u001B]0;b\nc" }));
    const shown = lintText({ ...result, files }, plain);
    assert.doesNotMatch(shown.replaceAll("\r\n", "\n"), /(?!\n)[\p{Cc}\u202E]/u);
    assert.match(shown, /a·\]0;b·c/);
  }
});

test("colours mark how bad it is, and what is meant", () => {
  const shown = lintText(resultOf(text), coloured);
  assert.ok(
    shown.startsWith("\u001B[31merror[R1]\u001B[39m \u001B[1mweb/Dockerfile:2:5\u001B[22m"),
  );
  assert.ok(shown.includes("\u001B[31m     ^^^^^^^^^^^^^^^^\u001B[39m"));
  assert.equal(stripVTControlCharacters(shown), lintText(resultOf(text), plain));
});

test("the document has each finding with its fix, what was fixed, and the diff of a plan", () => {
  const { outcome, files, findings, fixed, diff } = lintDocument(resultOf(text));
  assert.deepEqual(
    [outcome, files, fixed, diff],
    ["errors", ["web/Dockerfile"], undefined, undefined],
  );
  const place = { line: 2, column: 5, endLine: 2, endColumn: 21 };
  const shadow = {
    rule: "R1",
    severity: "error",
    file: "web/Dockerfile",
    ...place,
    message: shadowed[1]?.trim(),
    failure: null,
    mayFail: "exec format error",
    hint: "Declare it without a default: ARG TARGETARCH",
    platforms: ["linux/arm64"],
    fix: { edits: [{ ...place, text: "TARGETARCH" }] },
  };
  assert.deepEqual(findings, [shadow]);
  const written = lintDocument(resultOf(text, "write"));
  assert.deepEqual(
    [written["findings"], written["fixed"], written["diff"]],
    [[], [shadow], undefined],
  );
  const planned = lintDocument(resultOf(text, "plan"));
  assert.deepEqual([planned["findings"], planned["fixed"]], [[shadow], [shadow]]);
  assert.match(String(planned["diff"]), /^--- web\/Dockerfile\n/);
});
