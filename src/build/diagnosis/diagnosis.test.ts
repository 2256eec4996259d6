/** What buildx and BuildKit say where no program of a step failed; the words are those of real builds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { failedBuild, failedMake, failedStep } from "../../../test/build-said.ts";
import { diagnose } from "./diagnosis.ts";
import type { FailedBuild } from "./failed-build.ts";

const resolved = "failed to resolve source metadata for";
const looking = "[internal] load metadata for example.org/base:1";
const hub = "resolve image config for docker-image://docker.io/docker/dockerfile:1";

function base(reason: string): FailedBuild {
  return failedStep(looking, `example.org/base:1: ${resolved} example.org/base:1: ${reason}`);
}

const rows: readonly (readonly [FailedBuild, code: string, message: string])[] = [
  [
    base("example.org/base:1: not found"),
    "BASE_IMAGE_MISSING",
    "There is no base image example.org/base:1 at example.org.",
  ],
  [
    base(
      "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
    ),
    "BASE_IMAGE_DENIED",
    "example.org does not give the base image example.org/base:1: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed.",
  ],
  [
    failedStep(
      looking,
      "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to http://example.org/token: 401 Unauthorized",
    ),
    "BASE_IMAGE_DENIED",
    "example.org does not give the base image example.org/base:1: failed to authorize: failed to fetch anonymous token: unexpected status from GET request to http://example.org/token: 401 Unauthorized.",
  ],
  [
    base(
      "failed to copy: httpReadSeeker: failed open: unexpected status code https://example.org/v2/base/manifests/1: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit",
    ),
    "BASE_RATE_LIMITED",
    "example.org limits how often images are pulled, so the base image example.org/base:1 cannot be had now.",
  ],
  [
    base(
      'failed to do request: Head "https://example.org/v2/base/manifests/1": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    ),
    "BASE_REGISTRY_UNTRUSTED",
    'The builder does not trust example.org, which has the base image example.org/base:1: failed to do request: Head "https://example.org/v2/base/manifests/1": tls: failed to verify certificate: x509: certificate signed by unknown authority.',
  ],
  [
    base(
      'failed to do request: Head "https://example.org/v2/base/manifests/1": dial tcp: lookup example.org: i/o timeout',
    ),
    "BASE_REGISTRY_UNREACHABLE",
    'The builder does not reach example.org for the base image example.org/base:1: failed to do request: Head "https://example.org/v2/base/manifests/1": dial tcp: lookup example.org: i/o timeout.',
  ],
  [
    base(
      'failed to do request: Head "https://example.org/v2/base/manifests/1": net/http: TLS handshake timeout',
    ),
    "BASE_REGISTRY_UNREACHABLE",
    'The builder does not reach example.org for the base image example.org/base:1: failed to do request: Head "https://example.org/v2/base/manifests/1": net/http: TLS handshake timeout.',
  ],
  [
    base("unexpected status from HEAD request to https://example.org: 500 Internal Server Error"),
    "BASE_IMAGE_UNAVAILABLE",
    "The base image example.org/base:1 cannot be had: unexpected status from HEAD request to https://example.org: 500 Internal Server Error.",
  ],
  [
    failedStep(
      "[internal] load metadata for docker.io/library/alpine:3",
      `alpine:3: ${resolved} docker.io/library/alpine:3: no match for platform in manifest: not found`,
    ),
    "BASE_PLATFORM_MISSING",
    "The base image alpine:3 does not exist for linux/arm64.",
  ],
  [
    failedStep(hub, `${resolved} docker.io/docker/dockerfile:1: dial tcp: no such host`),
    "SYNTAX_UNAVAILABLE",
    'The image docker/dockerfile:1, which the line "# syntax=" names, cannot be had: dial tcp: no such host.',
  ],
  [
    failedBuild("failed to solve: dockerfile parse error on line 2: unknown instruction: FETCH"),
    "DOCKERFILE_INVALID",
    "Dockerfile is not a Dockerfile: dockerfile parse error on line 2: unknown instruction: FETCH.",
  ],
  [
    failedBuild(
      "failed to solve: failed to read dockerfile: open Dockerfile: no such file or directory",
    ),
    "DOCKERFILE_MISSING",
    "There is no Dockerfile at Dockerfile.",
  ],
  [
    failedBuild("failed to solve: the Dockerfile cannot be empty"),
    "DOCKERFILE_INVALID",
    "Dockerfile is not a Dockerfile: the Dockerfile cannot be empty.",
  ],
  [
    failedBuild('failed to solve: target stage "nowhere" could not be found'),
    "BUILD_TARGET_UNKNOWN",
    "The Dockerfile has no stage named nowhere.",
  ],
  [
    failedStep("[2/2] RUN make", "write /var/lib/buildkit/x: no space left on device"),
    "DISK_FULL",
    "There is no space left on the device (the builder's disk).",
  ],
  [
    failedStep("[2/2] RUN --mount=type=secret make", "secret npmrc: not found"),
    "SECRET_MISSING",
    "The build wants the secret npmrc, which was not given.",
  ],
  [
    failedBuild("failed to stat /nowhere/npmrc: stat /nowhere/npmrc: no such file or directory"),
    "SECRET_MISSING",
    "The build wants the secret /nowhere/npmrc, which was not given.",
  ],
  [
    failedBuild("invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set"),
    "SSH_AGENT_MISSING",
    'The build wants the ssh agent "default", and there is none for it.',
  ],
  [
    failedBuild("failed to solve: failed to load LLB: network.host is not allowed"),
    "ENTITLEMENT_REFUSED",
    "A step wants network.host, which the command does not allow.",
  ],
  [
    failedStep(
      "exporting cache to registry",
      'error writing layer blob: failed to do request: Head "http://example.org/v2/": dial tcp: connection refused',
    ),
    "CACHE_EXPORT_FAILED",
    'The cache cannot be written: error writing layer blob: failed to do request: Head "http://example.org/v2/": dial tcp: connection refused.',
  ],
  [
    failedBuild('failed to solve: unknown cache exporter: "frob"'),
    "CACHE_EXPORT_FAILED",
    'The cache cannot be written: unknown cache exporter: "frob".',
  ],
  [
    failedBuild("x", { words: "unknown flag: --check\nSee 'docker buildx build --help'.\n" }),
    "BUILDX_FLAG_TOO_NEW",
    "buildx does not know --check; buildx 0.15 and newer do.",
  ],
  [
    failedBuild(
      'failed to receive status: rpc error: code = Unavailable desc = closing transport due to: connection error: desc = "error reading from server: EOF"',
    ),
    "BUILDER_LOST",
    "The builder multiarch-builder went away: error reading from server: EOF.",
  ],
  [
    failedBuild("failed to solve: Canceled: context canceled"),
    "BUILD_CANCELLED",
    "The build was ended at the builder multiarch-builder, and not from here.",
  ],
  [
    failedStep("[context base] load metadata for x", "unknown scheme oci-layout: not found"),
    "SOURCE_UNSUPPORTED",
    "The builder multiarch-builder takes in nothing by oci-layout.",
  ],
  [
    failedBuild("something that nobody has seen before"),
    "BUILD_FAILED",
    "The build failed with exit code 1: something that nobody has seen before",
  ],
];

for (const [failed, code, message] of rows) {
  test(`${code}: ${failed.words.trim()}`, () => {
    const error = diagnose(failed);
    assert.equal(error.message, message);
    assert.equal(error.code, code);
  });
}

test("words of a command that stand in BuildKit's error are no cause", () => {
  const commands = [
    "echo 'no space left on device'",
    "echo 'rpc error: code = Unavailable'",
    "test: secret x: not found",
    "echo 'no builder \\\"x\\\" found'",
    "echo 'unknown flag: --check'",
    "echo failed to resolve source metadata for x: not found",
  ];
  for (const command of commands) {
    const error = `process "/bin/sh -c ${command}" did not complete successfully: exit code: 3`;
    assert.equal(diagnose(failedStep("[2/2] RUN x", error)).code, "BUILD_STEP_FAILED", command);
  }
});

test("a step that ran is told before what buildx says around it", () => {
  const failed = failedMake("make: *** Stop.", 2);
  const words = `WARNING: no space left on device\n${failed.words}`;
  assert.equal(diagnose({ ...failed, words }).code, "BUILD_STEP_FAILED");
});
