import assert from "node:assert/strict";
import { test } from "node:test";
import type { OfferedPlatforms } from "../../image/offered.ts";
import { parsePlatform } from "../../platform/platform.ts";
import { inspectDockerfile, type LintFinding } from "../inspect.ts";
import { r9 } from "./r9.ts";

function findings(
  text: string,
  platforms: readonly string[] = ["linux/amd64", "linux/arm64"],
): readonly LintFinding[] {
  return inspectDockerfile(text, { platforms: platforms.map(parsePlatform) }).filter(
    ({ rule }) => rule === "R9",
  );
}

/** Each as `error 1:6-1:20 on linux/amd64`. */
function found(text: string, platforms?: readonly string[]): readonly string[] {
  return findings(text, platforms).map(({ severity, range, platforms: on }) => {
    const place = `${range.line}:${range.column}-${range.endLine}:${range.endColumn}`;
    return `${severity} ${place}${on.length === 0 ? "" : ` on ${on.join(", ")}`}`;
  });
}

/** The file once its fixes are made; each stands in one line. */
function fixed(text: string): string {
  const lines = text.split("\n");
  for (const { range, text: own } of findings(text).flatMap(({ edits = [] }) => edits)) {
    const line = lines[range.line - 1] ?? "";
    lines[range.line - 1] = line.slice(0, range.column - 1) + own + line.slice(range.endColumn - 1);
  }
  return lines.join("\n");
}

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ["a namespace of Docker Hub", "FROM arm64v8/alpine:3.22\n", ["error 1:6-1:25 on linux/amd64"]],
  [
    "the same with its registry, in a stage that is copied from",
    "FROM docker.io/amd64/golang AS build\nRUN go build -o /app .\nFROM alpine\nCOPY --from=build /app /app\n",
    ["error 1:6-1:28 on linux/arm64"],
  ],
  ["one that fits neither", "FROM ppc64le/debian\n", ["error 1:6-1:20"]],
  [
    "a namespace before a variable",
    "ARG VERSION=22\nFROM arm64v8/node:$VERSION\n",
    ["error 2:6-2:27 on linux/amd64"],
  ],
  [
    "an image that is copied from",
    "FROM alpine\nCOPY --from=arm64v8/busybox /bin/busybox /bin/\n",
    ["error 2:13-2:28 on linux/amd64"],
  ],
  [
    "an image that is mounted",
    "FROM alpine\nRUN --mount=from=s390x/busybox,target=/b cp /b/bin/busybox /bin/\n",
    ["error 2:5-2:41"],
  ],
  [
    "a tag of distroless",
    "FROM gcr.io/distroless/base-debian12:nonroot-amd64\nCOPY app /\n",
    ["error 1:6-1:51 on linux/arm64"],
  ],
  [
    "a tag of distroless with nothing to start",
    "FROM gcr.io/distroless/static-debian12:latest-arm64\nCOPY app /\n",
    ["warning 1:6-1:52 on linux/amd64"],
  ],
  [
    "a tag of .NET",
    "FROM mcr.microsoft.com/dotnet/aspnet:9.0-bookworm-slim-arm64v8\n",
    ["error 1:6-1:63 on linux/amd64"],
  ],
  [
    "a tag of LinuxServer",
    "FROM lscr.io/linuxserver/nginx:amd64-latest\n",
    ["error 1:6-1:44 on linux/arm64"],
  ],
  [
    "manylinux",
    "FROM quay.io/pypa/manylinux2014_x86_64 AS wheels\nRUN /build.sh\nFROM python:3.13\nCOPY --from=wheels /wheels /wheels\n",
    ["error 1:6-1:39 on linux/arm64"],
  ],
  [
    "a digest behind such a name",
    `FROM arm64v8/alpine@sha256:${"0".repeat(64)}\n`,
    ["error 1:6-1:92 on linux/amd64"],
  ],
  [
    "one beside a platform of its own",
    "FROM --platform=linux/amd64 arm64v8/alpine AS tools\nRUN apk add git\nFROM alpine\nCOPY --from=tools /usr /usr\n",
    ["error 1:29-1:43"],
  ],
];

for (const [title, text, expected] of cases)
  test(`R9 finds ${title}`, () => assert.deepEqual(found(text), expected));

test("R9 compares the variants of arm", () => {
  const platforms = ["linux/arm/v6", "linux/arm/v7"];
  assert.deepEqual(found("FROM arm32v7/alpine\n", platforms), ["error 1:6-1:20 on linux/arm/v6"]);
  assert.deepEqual(found("FROM arm32v6/alpine\n", platforms), []);
});

const silent: Readonly<Record<string, string>> = {
  "the name says nothing": "FROM alpine:3.22\n",
  "each platform has its own":
    "FROM amd64/alpine AS amd64\nFROM arm64v8/alpine AS arm64\nFROM ${TARGETARCH}\nRUN apk add git\n",
  "a variable chooses it": "ARG ARCH=amd64\nFROM ${ARCH}/alpine\n",
  "a variable is all of it": "ARG BASE=arm64v8/alpine\nFROM $BASE\n",
  "a variable ends the tag": "ARG ARCH=amd64\nFROM gcr.io/distroless/base:nonroot-${ARCH}\n",
  "the platform is asked for as well":
    "FROM --platform=linux/arm64 arm64v8/debian AS sysroot\nFROM debian\nCOPY --from=sysroot /lib /sysroot\n",
  "a stage runs on a builder that nobody knows":
    "FROM --platform=$BUILDPLATFORM amd64/golang AS build\nRUN go build -o /app .\nFROM alpine\nCOPY --from=build /app /app\n",
  "a stage is not reached": "FROM s390x/debian AS other\nRUN make\nFROM debian\n",
  "files of several platforms are collected":
    "FROM alpine\nCOPY --from=amd64/busybox /bin/busybox /srv/one\nCOPY --from=arm64v8/busybox /bin/busybox /srv/two\n",
  "the directory is that platform's":
    "FROM alpine\nCOPY --from=s390x/busybox /bin/busybox /srv/s390x/busybox\n",
  "it is copied in a stage of the builder":
    "FROM --platform=$BUILDPLATFORM golang AS build\nCOPY --from=amd64/busybox /bin/busybox /bin/\nRUN go build -o /app .\nFROM alpine\nCOPY --from=build /app /app\n",
  "another registry has such a path": "FROM registry.example.org/arm64v8/alpine\n",
  "a namespace is somebody's": "FROM amd64builds/alpine\nRUN apk add git\n",
  "a tag is not its publisher's word": "FROM example/app:1.2-arm64\n",
  "a stage has the name": "FROM alpine AS arm64v8\nFROM arm64v8\n",
  "a cross compiler is named for what it compiles for":
    "FROM ghcr.io/cross-rs/aarch64-unknown-linux-gnu\n",
  "a distroless image is named for Debian alone": "FROM gcr.io/distroless/base-debian12:nonroot\n",
};

for (const [title, text] of Object.entries(silent))
  test(`R9 is silent where ${title}`, () => assert.deepEqual(found(text), []));

test("R9 is silent where the machine runs the other's programs, or may", () => {
  assert.deepEqual(found("FROM i386/debian\n", ["linux/amd64"]), []);
  assert.deepEqual(found("FROM arm32v7/debian\n", ["linux/arm64"]), []);
});

test("R9 names the image, its platform and the builder's words", () => {
  const [own] = findings("FROM arm64v8/alpine:3.22 AS base\n");
  assert.equal(
    own?.message,
    "Built for linux/amd64, the stage base begins with arm64v8/alpine:3.22, which is for linux/arm64 alone.",
  );
  assert.equal(own.failure, "arm64v8/alpine:3.22: no match for platform in manifest: not found");
  assert.equal(own.hint, "Name the image for every platform: alpine:3.22");
  const [tag] = findings("FROM gcr.io/distroless/base:nonroot-amd64\n");
  assert.equal(
    tag?.failure,
    'InvalidBaseImagePlatform: Base image gcr.io/distroless/base:nonroot-amd64 was pulled with platform "linux/amd64", expected "linux/arm64" for current build',
  );
  const [tools] = findings(
    "FROM --platform=linux/amd64 arm64v8/alpine AS t\nRUN a\nFROM alpine\nCOPY --from=t /a /\n",
    ["linux/arm64"],
  );
  assert.match(tools?.message ?? "", /for linux\/arm64 alone, and runs on linux\/amd64\.$/);
});

test("R9 leaves the platform out of the name, where the rest is the same image", () => {
  const fixes = {
    "arm64v8/alpine:3.22": "alpine:3.22",
    "docker.io/arm64v8/alpine": "docker.io/library/alpine",
    "gcr.io/distroless/base:nonroot-arm64": "gcr.io/distroless/base:nonroot",
    "linuxserver/nginx:arm64v8-1.26": "linuxserver/nginx:1.26",
    "quay.io/pypa/manylinux2014_aarch64": "quay.io/pypa/manylinux2014_aarch64",
    [`arm64v8/alpine@sha256:${"0".repeat(64)}`]: `arm64v8/alpine@sha256:${"0".repeat(64)}`,
  };
  for (const [name, expected] of Object.entries(fixes)) {
    assert.equal(fixed(`FROM ${name} AS base\n`), `FROM ${expected} AS base\n`);
    assert.equal(
      fixed(`FROM a\nCOPY --from=${name} /a /\n`),
      `FROM a\nCOPY --from=${expected} /a /\n`,
    );
  }
  const taken = "FROM debian AS alpine\nFROM arm64v8/alpine\nCOPY --from=alpine /a /\n";
  assert.equal(fixed(taken), taken);
});

const digest = `sha256:${"0".repeat(64)}`;
const pinned = `golang@${digest}`;

/** What the registry says of the digest, and for which platforms the first stage is then wrong. */
const answers: readonly (readonly [string, OfferedPlatforms | undefined, readonly string[]])[] = [
  ["one platform's image", { kind: "single", platforms: ["linux/arm64"] }, ["linux/amd64"]],
  [
    "another platform's image",
    { kind: "single", platforms: ["linux/s390x"] },
    ["linux/amd64", "linux/arm64"],
  ],
  ["an index", { kind: "index", platforms: ["linux/amd64"] }, []],
  ["nothing", undefined, []],
];

for (const [title, answer, wrong] of answers)
  test(`R9 finds ${wrong.join(" and ") || "nothing"} where a digest is that of ${title}`, () => {
    const text = `FROM ${pinned} AS build\nRUN make\n`;
    const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);
    const offered = new Map(answer === undefined ? [] : [[pinned, answer]]);
    const [own] = inspectDockerfile(text, { platforms, offered });
    const on = own?.platforms.length === 0 ? ["linux/amd64", "linux/arm64"] : own?.platforms;
    assert.deepEqual(on ?? [], wrong);
    if (own !== undefined) {
      assert.deepEqual([own.range.column, own.range.endColumn], [6, 6 + pinned.length]);
      assert.match(own.hint, /^Name the digest of its index/);
    }
  });

test("R9 is silent on a digest of the machine that builds", () => {
  const text = `FROM --platform=$BUILDPLATFORM ${pinned} AS build\nRUN go build -o /app .\nFROM alpine\nCOPY --from=build /app /app\n`;
  const offered = new Map([[pinned, { kind: "single", platforms: ["linux/amd64"] } as const]]);
  const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);
  const rules = inspectDockerfile(text, { platforms, offered }).map(({ rule }) => rule);
  assert.ok(!rules.includes("R9"));
});

test("R9's page speaks of what it finds", () => {
  assert.equal(findings(r9.bad).length, 1);
  assert.deepEqual(findings(r9.good), []);
});
