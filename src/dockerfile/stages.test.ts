import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalName } from "../oci/reference.ts";
import { formatPlatform, parsePlatform, type Platform } from "../platform/platform.ts";
import { type Base, isUnresolved, type Unresolved } from "./base.ts";
import type { BuildRequest } from "./scope.ts";
import { resolveStages } from "./stages.ts";
import { parseDockerfile } from "./syntax.ts";

const crossBuild: BuildRequest = {
  buildPlatform: parsePlatform("linux/arm64"),
  targetPlatform: parsePlatform("linux/amd64"),
};

function platformWord(platform: Platform | Unresolved): string {
  return isUnresolved(platform) ? `? ${platform.reason}` : formatPlatform(platform);
}

function baseWord(base: Base): string {
  if (base.kind === "image") return `${base.name} ${platformWord(base.platform)}`;
  if (base.kind === "stage") return `stage ${base.index}`;
  if (base.kind === "context") return `context ${base.name}`;
  return base.kind === "scratch" ? "scratch" : `? ${base.reason}`;
}

/** Each stage that is reached, as "name in the progress: platform < base < what it copies from". */
function stagesOf(text: string, request: Partial<BuildRequest> = {}): readonly string[] {
  const { stages, problem } = resolveStages(parseDockerfile(text), { ...crossBuild, ...request });
  if (problem !== undefined) return [problem];
  return stages.map(({ vertexName, platform, base, sources }) =>
    [
      `${vertexName ?? "-"}: ${platformWord(platform)}`,
      baseWord(base),
      ...sources.map((source) => baseWord(source.base)),
    ].join(" < "),
  );
}

const go = `ARG GO_VERSION=1.24
ARG IMAGE=golang:$GO_VERSION-alpine
FROM --platform=$BUILDPLATFORM $IMAGE AS Build
ARG TARGETOS TARGETARCH
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /app .
FROM scratch
COPY --from=Build /app /app
`;

const rustWithXx = `# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.6.1 AS xx
FROM --platform=$BUILDPLATFORM rust:1-alpine AS build
COPY --from=xx / /
ARG TARGETPLATFORM
RUN --mount=type=cache,target=/usr/local/cargo,from=rust:1-alpine,source=/usr/local/cargo xx-cargo build
FROM debian:bookworm-slim AS test
RUN true
FROM debian:bookworm-slim
COPY --from=build /out /
`;

const node = `FROM node:22-slim AS base
WORKDIR /app
FROM base AS dependencies
COPY package*.json ./
RUN npm ci --omit=dev
FROM base
COPY --from=1 /app/node_modules node_modules
COPY --from=busybox:1.36 /bin/wget /bin/wget
`;

const python = `FROM python:3.13-slim
RUN --mount=type=cache,target=/root/.cache/pip <<EOF
pip install -r requirements.txt
EOF
`;

test("a stage runs on the platform of its FROM, and on the target's without one", () => {
  assert.deepEqual(stagesOf(go), [
    "build: linux/arm64 < golang:1.24-alpine linux/arm64",
    "stage-1: linux/amd64 < scratch < stage 0",
  ]);
  const [, last] = stagesOf(go, { targetPlatform: parsePlatform("linux/arm/v7") });
  assert.equal(last, "stage-1: linux/arm/v7 < scratch < stage 0");
});

test("only what the target needs is reached", () => {
  assert.deepEqual(stagesOf(rustWithXx), [
    "xx: linux/arm64 < tonistiigi/xx:1.6.1 linux/arm64",
    // What is mounted from an image is that of the target, though the stage runs on the build platform.
    "build: linux/arm64 < rust:1-alpine linux/arm64 < stage 0 < rust:1-alpine linux/amd64",
    "stage-3: linux/amd64 < debian:bookworm-slim linux/amd64 < stage 1",
  ]);
  assert.deepEqual(stagesOf(rustWithXx, { target: "TEST" }), [
    "test: linux/amd64 < debian:bookworm-slim linux/amd64",
  ]);
});

test("stages are named by name or, in COPY --from alone, by index; else it is an image", () => {
  assert.deepEqual(stagesOf(node), [
    "base: linux/amd64 < node:22-slim linux/amd64",
    "dependencies: linux/amd64 < stage 0",
    "stage-2: linux/amd64 < stage 0 < stage 1 < busybox:1.36 linux/amd64",
  ]);
  const mounts = "FROM a AS b\nFROM c\nRUN --mount=from=B,target=/b --mount=from=0,target=/a d\n";
  assert.equal(
    stagesOf(mounts)[1],
    "stage-1: linux/amd64 < c linux/amd64 < stage 0 < 0 linux/amd64",
  );
  assert.match(stagesOf("FROM a\nCOPY --from=3 b c\n")[0] ?? "", /\? there is no stage 3/);
  assert.match(stagesOf("FROM a\nCOPY --from=0 b c\n")[0] ?? "", /stage 0 copies from itself/);
  const late = "FROM a\nCOPY --from=late b c\nFROM d AS late\nFROM scratch\nCOPY --from=0 b c\n";
  assert.match(stagesOf(late)[0] ?? "", /late is defined only after/);
  // The latest of those before; FROM compares as written, COPY --from does not.
  assert.equal(stagesOf("FROM a AS x\nFROM b AS x\nFROM x")[1], "stage-2: linux/amd64 < stage 1");
  assert.match(stagesOf("FROM a AS Build\nFROM Build")[0] ?? "", /Build is no image's name/);
});

test("--platform of FROM is ignored upon an earlier stage and upon scratch", () => {
  const text = "FROM --platform=$BUILDPLATFORM a AS b\nFROM --platform=linux/s390x b\n";
  assert.deepEqual(stagesOf(text), [
    "b: linux/arm64 < a linux/arm64",
    "stage-1: linux/arm64 < stage 0",
  ]);
  assert.deepEqual(stagesOf("FROM --platform=$BUILDPLATFORM scratch"), [
    "-: linux/amd64 < scratch",
  ]);
});

test("build arguments override defaults and the automatic arguments, and FROM sees no others", () => {
  const text = "ARG BASE=debian\nARG NEXT=$BASE-slim\nFROM --platform=linux/$TARGETARCH $NEXT\n";
  assert.deepEqual(stagesOf(text), ["-: linux/amd64 < debian-slim linux/amd64"]);
  const buildArgs = new Map([
    ["BASE", "alpine"],
    ["TARGETARCH", "riscv64"],
    ["UNDECLARED", "x"],
  ]);
  assert.deepEqual(stagesOf(text, { buildArgs }), ["-: linux/riscv64 < alpine-slim linux/riscv64"]);
  assert.match(stagesOf("FROM $UNDECLARED", { buildArgs })[0] ?? "", /UNDECLARED is not set/);
  assert.match(stagesOf("FROM a AS b\nARG C=d\nFROM $C")[0] ?? "", /C is not set/);
  const automatic =
    "FROM --platform=$BUILDOS/$BUILDARCH a-$TARGETOS-$TARGETARCH$TARGETVARIANT-$TARGETSTAGE AS B";
  const targetPlatform = parsePlatform("linux/arm/v6");
  assert.deepEqual(stagesOf(automatic, { targetPlatform }), [
    "-: linux/arm64 < a-linux-armv6-b linux/arm64",
  ]);
});

test("what cannot be resolved says why, and a gap that leaves a name is told", () => {
  const reasons: readonly (readonly [string, RegExp])[] = [
    ["ARG BASE\nFROM $BASE", /\? its image is empty, because BASE is not set/],
    ["ARG V\nFROM alpine:$V", /alpine:, because V is not set/],
    ["ARG V\nARG IMAGE=alpine:$V\nFROM $IMAGE", /alpine:, because V is not set/],
    ["FROM --platform=$P a", /^-: \? its platform is empty, because P is not set/],
    ["FROM --platform=windows/amd64 a", /windows\/amd64, which is none that we know/],
    ["FROM a:b:c", /a:b:c is no image's name/],
    ["FROM ${A", /means nothing/],
    ["FROM a\nCOPY --from=$B c d", /takes no variables/],
    ["FROM a\nRUN --mount=from=$B,target=/c d", /takes no variables/],
    ["", /no stage/],
  ];
  for (const [text, reason] of reasons) assert.match(stagesOf(text).join("\n"), reason, text);
  assert.deepEqual(stagesOf("FROM a", { target: "b" }), ["it has no stage named b"]);
  const [stage] = resolveStages(parseDockerfile("FROM ${REGISTRY}alpine"), crossBuild).stages;
  assert.ok(stage?.base.kind === "image");
  assert.deepEqual([stage.base.name, stage.base.missing], ["alpine", ["REGISTRY"]]);
});

test("an image has its reference, its place, and whether it is pinned", () => {
  const digest = `sha256:${"0".repeat(64)}`;
  const [stage] = resolveStages(parseDockerfile(`FROM debian:13@${digest}`), crossBuild).stages;
  assert.ok(stage?.base.kind === "image");
  assert.equal(canonicalName(stage.base.reference), `docker.io/library/debian:13@${digest}`);
  assert.equal(stage.base.isPinned, true);
  assert.deepEqual(stage.base.range, { line: 1, column: 6, endLine: 1, endColumn: 87 });
});

test("a build context takes the place of a stage, or of an image by any of its names", () => {
  const buildContexts = new Map([
    ["golang:1.24-alpine", "docker-image://mirror.example.org/golang"],
    ["docker.io/library/busybox:1.36", "docker-image://busybox:1.37"],
    ["dependencies", "./vendor"],
    ["scratch", "./nothing"],
  ]);
  assert.deepEqual(stagesOf(go, { buildContexts }), [
    "build: linux/arm64 < context golang:1.24-alpine",
    "stage-1: linux/amd64 < scratch < stage 0",
  ]);
  assert.deepEqual(stagesOf(node, { buildContexts }), [
    "base: linux/amd64 < node:22-slim linux/amd64",
    "dependencies: linux/amd64 < context dependencies",
    "stage-2: linux/amd64 < stage 0 < stage 1 < context busybox:1.36",
  ]);
});

test("ONBUILD of a stage runs in those that are built from it, and no further", () => {
  const text =
    "FROM a AS tools\nFROM b AS base\nONBUILD COPY --from=tools c d\nFROM base AS e\nFROM e\n";
  assert.deepEqual(stagesOf(text), [
    "tools: linux/amd64 < a linux/amd64",
    "base: linux/amd64 < b linux/amd64",
    "e: linux/amd64 < stage 1 < stage 0",
    "stage-3: linux/amd64 < stage 2",
  ]);
});

test("BuildKit writes no stage's name where it counts one stage only", () => {
  const names: readonly (readonly [string, string])[] = [
    ["FROM a AS b\nRUN c", "-"],
    // What is copied from or mounted counts as one more, even a cache.
    [python, "stage-0"],
    ["FROM a AS b\nCOPY --from=c d e", "b"],
  ];
  for (const [text, name] of names) assert.equal(stagesOf(text)[0]?.split(":")[0], name, text);
});

test("no Dockerfile breaks the resolution, and a stage is built from earlier ones", () => {
  const line = fc.constantFrom(
    "FROM a AS b",
    "FROM b AS c",
    "FROM --platform=$BUILDPLATFORM c",
    "FROM $X",
    "ARG X=${Y:-b}",
    "COPY --from=b a b",
    "COPY --from=1 a b",
    "RUN --mount=from=c,target=/c d",
    "ONBUILD COPY --from=0 a b",
    "FROM",
    "RUN <<EOF",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 12 }), (lines) => {
      for (const stage of resolveStages(parseDockerfile(lines.join("\n")), crossBuild).stages) {
        for (const base of [stage.base, ...stage.sources.map((source) => source.base)]) {
          assert.ok(base.kind !== "stage" || base.index < stage.index);
        }
      }
    }),
  );
});
