import assert from "node:assert/strict";
import { test } from "node:test";
import { failedBuild, failedMake, failedStep } from "../../../test/build-said.ts";
import { diagnose } from "./diagnosis.ts";
import type { FailedBuild } from "./failed-build.ts";

/** BuildKit's own lines, as it writes them before the error. */
function shown(lines: string, failed: FailedBuild): FailedBuild {
  return { ...failed, words: `Dockerfile:2\n-----\n${lines}\n-----\n${failed.words}` };
}

test("the lines that BuildKit shows have carets, and the step's last words follow", () => {
  const lines =
    "   1 |     FROM debian\n   2 | >>> RUN make \\\n   3 | >>>   all\n   4 |     USER me";
  const error = diagnose(shown(lines, failedMake("one\n\ntwo", 3)));
  assert.deepEqual(error.excerpt, [
    "Dockerfile:2",
    "  1 | FROM debian",
    "> 2 | RUN make \\",
    "    | ^^^^^^^^^^",
    "> 3 |   all",
    "    |   ^^^",
    "  4 | USER me",
    "Its last words:",
    "  one",
    "  two",
  ]);
});

test("lines from the middle of a file keep their numbers", () => {
  const lines = "   8 |     USER me\n   9 | >>> RUN frob\n  10 |     ";
  const { excerpt } = diagnose(shown(lines, failedMake("sh: 1: frob: not found", 127)));
  assert.deepEqual(excerpt.slice(0, 4), [
    "Dockerfile:9",
    "  8 | USER me",
    "> 9 | RUN frob",
    "    |     ^^^^",
  ]);
});

test("where BuildKit shows no line, the step's name leads to it", () => {
  const source = "FROM scratch\nADD --chmod=755 \\\n  http://x.invalid/y /z\n";
  const name = "[1/1] ADD --chmod=755 http://x.invalid/y /z";
  const failed = failedStep(name, "invalid response status 404");
  const { code, excerpt } = diagnose({ ...failed, source });
  assert.equal(code, "ADD_UNAVAILABLE");
  assert.deepEqual(excerpt.slice(0, 4), [
    "Dockerfile:3",
    "  1 | FROM scratch",
    "  2 | ADD --chmod=755 \\",
    "> 3 |   http://x.invalid/y /z",
  ]);
});

test("an error without a place has no lines", () => {
  const { excerpt } = diagnose(failedBuild("failed to solve: Canceled: context canceled"));
  assert.deepEqual(excerpt, []);
});

test("secrets are struck out of lines, output and message, and carets stay where they were", () => {
  const lines =
    "   1 |     FROM debian\n   2 | >>> RUN API_TOKEN=abcdef frob https://me:pw@x.invalid";
  const error =
    'process "/bin/sh -c API_TOKEN=abcdef frob" did not complete successfully: exit code: 127';
  const output = ["DB_PASSWORD=hunter2", "sh: 1: frob: not found"];
  const { excerpt, message } = diagnose(shown(lines, failedStep("[2/2] RUN x", error, { output })));
  assert.doesNotMatch([message, ...excerpt].join("\n"), /abcdef|hunter2|:pw@/);
  assert.deepEqual(excerpt.slice(2, 4), [
    "> 2 | RUN API_TOKEN=****** frob https://me:***@x.invalid",
    "    |                      ^^^^",
  ]);
});

test("of much output the last lines are shown, long ones cut, and the cause where it stands before them", () => {
  const trace = Array.from({ length: 20 }, (_, at) => `    at f${at} (${"x".repeat(300)})`);
  const cause =
    'Error: The package "@esbuild/linux-x64" could not be found, and is needed by esbuild.';
  const { excerpt } = diagnose(failedMake([cause, ...trace].join("\n"), 1));
  assert.equal(excerpt.length, 1 + 2 + 12);
  assert.deepEqual(excerpt.slice(1, 3), [`  ${cause}`, "  …"]);
  assert.ok(excerpt.every((line) => line.length <= 164));
});
