import assert from "node:assert/strict";
import { test } from "node:test";
import { buildFailure } from "./failure.ts";

const block = (platform: string, output: string, error: string) =>
  `------\n > [${platform} stage-0 2/3] RUN make:\n${output}\n------\nDockerfile:2\nERROR: failed to build: failed to solve: ${error}\n`;

/** BuildKit's own last words, as it printed them, and the sentence that is made of them. */
const words: readonly (readonly [string, string, string])[] = [
  [
    block(
      "linux/arm64",
      "0.1 exec /bin/sh: exec format error",
      'process "/bin/sh -c make" did not complete successfully: exit code: 255',
    ),
    "EMULATOR_MISSING",
    "This machine cannot run the programs of linux/arm64.",
  ],
  [
    block(
      "linux/arm64",
      "0.4 qemu: uncaught target signal 11 (Segmentation fault) - core dumped",
      'process "/bin/sh -c make" did not complete successfully: exit code: 139',
    ),
    "EMULATOR_CRASHED",
    'The step "make" crashed under the emulator of linux/arm64 (signal 11).',
  ],
  [
    block(
      "linux/amd64",
      "0.2 make: *** No rule\n0.3 make: *** Stop.",
      'process "/bin/sh -c make" did not complete successfully: exit code: 2',
    ),
    "BUILD_STEP_FAILED",
    'The step "make" ended with exit code 2.',
  ],
  [
    "ERROR: failed to build: failed to solve: dockerfile parse error on line 2: unknown instruction: FETCH\n",
    "DOCKERFILE_INVALID",
    "Dockerfile is not a Dockerfile: dockerfile parse error on line 2: unknown instruction: FETCH.",
  ],
  [
    "ERROR: failed to solve: example.org/base:1: failed to resolve source metadata for example.org/base:1: example.org/base:1: not found\n",
    "BASE_IMAGE_UNAVAILABLE",
    "The base image example.org/base:1 cannot be had: not found.",
  ],
  [
    "ERROR: failed to solve: write /var/lib/buildkit/x: no space left on device\n",
    "DISK_FULL",
    "There is no space left on the device (the builder's disk).",
  ],
  [
    "ERROR: something that nobody has seen before\n",
    "BUILD_FAILED",
    "The build failed with exit code 1: something that nobody has seen before",
  ],
];

for (const [stderr, code, message] of words) {
  test(`${code}: ${message}`, () => {
    const finished = { argv: ["docker", "buildx", "build", "."] as const, exitCode: 1, stderr };
    const error = buildFailure({
      finished,
      dockerfile: "Dockerfile",
      builder: "b",
      platform: "linux/arm64",
    });
    assert.equal(error.code, code);
    assert.equal(error.message, message);
  });
}

test("a failing step's hint has its last words", () => {
  const stderr = words[2]?.[0] ?? "";
  const finished = { argv: ["docker", "buildx", "build", "."] as const, exitCode: 1, stderr };
  const error = buildFailure({
    finished,
    dockerfile: "Dockerfile",
    builder: "b",
    platform: "linux/amd64",
  });
  assert.equal(error.hint, "Its last words: make: *** Stop.");
});
