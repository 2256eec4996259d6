/** What is no cause though it looks like one, and which of two causes is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { failedMake, failedStep } from "../../../test/build-said.ts";
import { diagnose } from "./diagnosis.ts";

const emulated = { platform: "linux/arm64" };

/** What programs print that looks like a cause, and is none. */
const friends: readonly (readonly [name: string, output: string, exitCode: number])[] = [
  [
    "apt warns, and goes on",
    "W: Failed to fetch http://x/InRelease  Could not resolve 'x'\nmake: *** Stop.",
    2,
  ],
  ["a test's own server", "curl: (7) Failed to connect to localhost port 8080 after 0 ms", 7],
  ["a test's own database", "Error: connect ECONNREFUSED 127.0.0.1:5432", 1],
  [
    "a linker that finds the library elsewhere",
    "/usr/bin/ld: skipping incompatible lib/libf.a when searching for -lf\nmain.c: error",
    1,
  ],
  [
    "a test by the name of a cause",
    "✖ tells that there is no space left on device when writing (3 ms)\nfailing",
    1,
  ],
  ["a module of the project", "Error: Cannot find module './linux-x64-config'\n    at require", 1],
  ["a program that was not found, and did not matter", "sh: 1: git: not found\nmake: *** Stop.", 2],
  ["a process that a test kills", "Killed\nok 1\nok 2\nnot ok 3", 1],
  ["the tools' words in the middle of a line", "expected: E: Unable to locate package x", 1],
  ["a shell's words for a directory", "sh: 1: cannot create /x: Permission denied", 1],
];

for (const [name, output, exitCode] of friends) {
  test(`no cause: ${name}`, () => {
    assert.equal(diagnose(failedMake(output, exitCode)).code, "BUILD_STEP_FAILED");
  });
}

test("what crashed under an emulator is the emulator's, natively the program's", () => {
  assert.equal(diagnose(failedMake("", 139, emulated)).code, "EMULATOR_CRASHED");
  const { code, hint } = diagnose(failedMake("", 139));
  assert.equal(code, "STEP_CRASHED");
  assert.match(hint, /without an emulator/);
});

test("where nobody knows how a step ran, a crash is the program's", () => {
  const { step, ...build } = failedMake("", 139);
  const { execution: _, ...unknown } = step ?? { name: "", error: "", output: [] };
  const { code, hint } = diagnose({ ...build, step: unknown });
  assert.equal(code, "STEP_CRASHED");
  assert.doesNotMatch(hint, /without an emulator/);
});

test("a base of another platform is named where BuildKit's check names it", () => {
  const failed = failedMake("exec /bin/sh: exec format error", 255, emulated);
  const words = `\n - InvalidBaseImagePlatform: Base image node:22@sha256:ab was pulled with platform "linux/s390x", expected "linux/arm64" for current build (line 1)\n${failed.words}`;
  const { code, message } = diagnose({ ...failed, words });
  assert.equal(code, "BASE_PLATFORM_WRONG");
  assert.match(message, /node:22@sha256:ab is for linux\/s390x, and the build is for linux\/arm64/);
});

test("what the kernel killed for want of memory is told by BuildKit", () => {
  const error = 'process "/bin/sh -c make" did not complete successfully: cannot allocate memory';
  assert.equal(diagnose(failedStep("[2/2] RUN make", error)).code, "STEP_OUT_OF_MEMORY");
});

test("a user or group that the stage lacks is told before anything runs", () => {
  for (const kind of ["user", "group"]) {
    const error = `process "/bin/sh -c id" did not complete successfully: unable to find ${kind} app: no matching entries in ${kind === "user" ? "passwd" : "group"} file`;
    const { code, hint } = diagnose(failedStep("[2/2] RUN id", error));
    assert.equal(code, "STEP_USER_UNKNOWN");
    assert.match(hint, new RegExp(`RUN ${kind}add --system app`));
  }
});

test("colours and what was written over do not hide a cause", () => {
  const output = "\u001B[31mnpm error\u001B[39m code ENOTFOUND\nfetching 10 %\rfetching 90 %\r";
  const { code, excerpt } = diagnose(failedMake(output, 1));
  assert.equal(code, "STEP_NETWORK_FAILED");
  assert.deepEqual(excerpt, ["Its last words:", "  npm error code ENOTFOUND", "  fetching 90 %"]);
});
