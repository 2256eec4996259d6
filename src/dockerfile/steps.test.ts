import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parsePlatform } from "../platform/platform.ts";
import { resolveStages } from "./stages.ts";
import { parseVertexName, stageOfStep, type VertexName } from "./steps.ts";
import { parseDockerfile } from "./syntax.ts";

const amd64 = parsePlatform("linux/amd64");
const arm64 = parsePlatform("linux/arm64");
const armv7 = parsePlatform("linux/arm/v7");

const steps: Readonly<Record<string, Omit<VertexName, "kind">>> = {
  "[2/3] RUN make": { step: 2, steps: 3, command: "RUN make" },
  "[build 2/5] RUN make": { stage: "build", step: 2, steps: 5, command: "RUN make" },
  "[stage-1 3/4] COPY --from=build /a /b": {
    stage: "stage-1",
    step: 3,
    steps: 4,
    command: "COPY --from=build /a /b",
  },
  // The numbers are aligned, as there are ten steps and more.
  "[ 2/12] RUN make": { step: 2, steps: 12, command: "RUN make" },
  "[build  2/12] RUN make": { stage: "build", step: 2, steps: 12, command: "RUN make" },
  "[linux/arm64 build 2/5] RUN make": {
    platform: arm64,
    stage: "build",
    step: 2,
    steps: 5,
    command: "RUN make",
  },
  "[linux/arm64  2/12] RUN make": { platform: arm64, step: 2, steps: 12, command: "RUN make" },
  "[linux/amd64->arm64 build 2/5] RUN make": {
    platform: amd64,
    targetPlatform: arm64,
    stage: "build",
    step: 2,
    steps: 5,
    command: "RUN make",
  },
  "[linux/amd64->arm/v7 2/5] RUN make": {
    platform: amd64,
    targetPlatform: armv7,
    step: 2,
    steps: 5,
    command: "RUN make",
  },
  "[linux/arm/v7 build 1/1] FROM docker.io/library/alpine:3@sha256:0": {
    platform: armv7,
    stage: "build",
    step: 1,
    steps: 1,
    command: "FROM docker.io/library/alpine:3@sha256:0",
  },
  // A bake of several targets writes the target first.
  "[web build 2/5] RUN make": {
    node: "web",
    stage: "build",
    step: 2,
    steps: 5,
    command: "RUN make",
  },
  "[multiarch-builder0 linux/arm64 build 2/5] RUN make": {
    node: "multiarch-builder0",
    platform: arm64,
    stage: "build",
    step: 2,
    steps: 5,
    command: "RUN make",
  },
  "[build 2/5] RUN [ -f a ] && echo [1/2] b": {
    stage: "build",
    step: 2,
    steps: 5,
    command: "RUN [ -f a ] && echo [1/2] b",
  },
};

test("a step has its stage, its place in it, and in builds of several platforms its platform", () => {
  for (const [name, step] of Object.entries(steps)) {
    assert.deepEqual(parseVertexName(name), { kind: "step", ...step }, name);
  }
});

const others: Readonly<Record<string, Omit<VertexName, "command">>> = {
  "[internal] load build definition from Dockerfile": { kind: "internal" },
  "[internal] load metadata for docker.io/library/alpine:3": { kind: "internal" },
  "[linux/arm64 internal] load metadata for docker.io/library/alpine:3": {
    kind: "internal",
    platform: arm64,
  },
  "[multiarch-builder0 internal] booting buildkit": {
    kind: "internal",
    node: "multiarch-builder0",
  },
  "[auth] library/alpine:pull token for registry-1.docker.io": { kind: "auth" },
  "[context base] load metadata for docker.io/library/alpine:3": { kind: "context" },
  "[context base::linux/amd64] load from client": { kind: "context" },
  "exporting to image": { kind: "export" },
  "exporting to oci image format": { kind: "export" },
  "[web] exporting to image": { kind: "export", node: "web" },
  "merging manifest list registry.example.org/app": { kind: "export" },
  "importing to docker": { kind: "export" },
  "importing cache manifest from registry.example.org/app": { kind: "cache" },
  "exporting cache to registry": { kind: "cache" },
  "exporting content cache": { kind: "cache" },
  "exporting inline cache": { kind: "cache" },
  "exporting to GitHub Actions Cache": { kind: "cache" },
  "resolve image config for docker-image://docker.io/docker/dockerfile:1": { kind: "other" },
  // An image that is only copied from is no stage, and has no numbers.
  "FROM docker.io/library/busybox:1.36": { kind: "other" },
  "[linux/amd64] generating sbom using docker.io/docker/buildkit-syft-scanner": {
    kind: "other",
    platform: amd64,
  },
  "[": { kind: "other" },
  "[] ": { kind: "other" },
};

test("what is no step of a stage is told apart", () => {
  for (const [name, expected] of Object.entries(others)) {
    const { command, ...rest } = parseVertexName(name);
    assert.deepEqual(rest, expected, name);
    assert.ok(name.endsWith(command), name);
  }
});

test("a step belongs to the stage of its name", () => {
  const request = { buildPlatform: amd64, targetPlatform: arm64 };
  const several = resolveStages(
    parseDockerfile("FROM a AS build\nRUN b\nFROM c\nCOPY --from=build d e\n"),
    request,
  );
  const only = resolveStages(parseDockerfile("FROM a AS b\nRUN c\n"), request);
  const belongs: readonly (readonly [string, typeof only, number | undefined])[] = [
    ["[build 2/2] RUN b", several, 0],
    ["[linux/arm64 stage-1 2/2] COPY --from=build d e", several, 1],
    ["[other 1/2] RUN b", several, undefined],
    ["[internal] load build context", several, undefined],
    ["[2/2] RUN c", only, 0],
  ];
  for (const [name, { stages }, index] of belongs) {
    assert.equal(stageOfStep(parseVertexName(name), stages)?.index, index, name);
  }
});

test("no name breaks the parser", () => {
  const piece = fc.constantFrom("[", "]", " ", "1/2", "linux/amd64", "->arm64", "internal", "a");
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
      const name = pieces.join("");
      assert.ok(name.endsWith(parseVertexName(name).command));
    }),
  );
});
