import assert from "node:assert/strict";
import { test } from "node:test";
import { buildFailure, type FailedStep } from "./failure.ts";

interface Said {
  readonly words: string;
  readonly step?: FailedStep;
}

/** A step that printed that, and ended so. */
function step(platform: string, output: readonly string[], error: string): Said {
  const words = `ERROR: failed to build: failed to solve: ${error}\n`;
  return { words, step: { name: "[stage-0 2/3] RUN make", platform, error, output } };
}

/** BuildKit's own last words, as it printed them, and the sentence that is made of them. */
const failures: readonly (readonly [Said, string, string])[] = [
  [
    step(
      "linux/arm64",
      ["exec /bin/sh: exec format error"],
      'process "/bin/sh -c make" did not complete successfully: exit code: 255',
    ),
    "EMULATOR_MISSING",
    "This machine cannot run the programs of linux/arm64.",
  ],
  [
    step(
      "linux/arm64",
      ["qemu: uncaught target signal 11 (Segmentation fault) - core dumped"],
      'process "/bin/sh -c make" did not complete successfully: exit code: 139',
    ),
    "EMULATOR_CRASHED",
    'The step "make" crashed under the emulator of linux/arm64 (signal 11).',
  ],
  [
    step(
      "linux/amd64",
      ["make: *** No rule", "make: *** Stop."],
      'process "/bin/sh -c make" did not complete successfully: exit code: 2',
    ),
    "BUILD_STEP_FAILED",
    'The step "make" ended with exit code 2.',
  ],
  [
    {
      words:
        "ERROR: failed to build: failed to solve: dockerfile parse error on line 2: unknown instruction: FETCH\n",
    },
    "DOCKERFILE_INVALID",
    "Dockerfile is not a Dockerfile: dockerfile parse error on line 2: unknown instruction: FETCH.",
  ],
  [
    {
      words:
        "ERROR: failed to solve: example.org/base:1: failed to resolve source metadata for example.org/base:1: example.org/base:1: not found\n",
    },
    "BASE_IMAGE_UNAVAILABLE",
    "The base image example.org/base:1 cannot be had: not found.",
  ],
  [
    { words: "ERROR: failed to solve: write /var/lib/buildkit/x: no space left on device\n" },
    "DISK_FULL",
    "There is no space left on the device (the builder's disk).",
  ],
  [
    { words: "ERROR: something that nobody has seen before\n" },
    "BUILD_FAILED",
    "The build failed with exit code 1: something that nobody has seen before",
  ],
];

for (const [said, code, message] of failures) {
  test(`${code}: ${message}`, () => {
    const error = buildFailure({
      ...said,
      argv: ["docker", "buildx", "build", "."],
      exitCode: 1,
      dockerfile: "Dockerfile",
      builder: "b",
      platform: "linux/arm64",
    });
    assert.equal(error.code, code);
    assert.equal(error.message, message);
  });
}

test("a failing step's hint has its last words", () => {
  const said = step(
    "linux/amd64",
    ["make: *** Stop.", ""],
    'process "make" did not complete successfully: exit code: 2',
  );
  const error = buildFailure({
    ...said,
    argv: ["docker", "buildx", "build", "."],
    exitCode: 1,
    dockerfile: "Dockerfile",
    builder: "b",
    platform: "linux/amd64",
  });
  assert.equal(error.hint, "Its last words: make: *** Stop.");
});
