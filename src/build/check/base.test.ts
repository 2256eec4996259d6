import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDockerfile } from "../../dockerfile/syntax.ts";
import { formatPlatform, parsePlatform } from "../../platform/platform.ts";
import { targetStages } from "../stages.ts";
import { baseCheck, baseImages } from "./base.ts";

const native = parsePlatform("linux/amd64");

function imagesOf(lines: readonly string[], platforms: string, buildContexts: string[] = []) {
  const targets = targetStages({
    dockerfile: parseDockerfile(lines.join("\n")),
    request: { platforms: platforms.split(",").map(parsePlatform) },
    options: { buildContexts },
    env: {},
    native,
  });
  return baseImages(targets).map(
    ({ name, layout, platform }) =>
      `${name}${layout ? ` in ${layout}` : ""} ${formatPlatform(platform)}`,
  );
}

test("what a build pulls: each image once for each platform that it is pulled for", () => {
  const lines = [
    "ARG BASE=debian:12",
    "FROM --platform=$BUILDPLATFORM golang:1.26 AS build",
    "FROM unused:1 AS unreached",
    "FROM $BASE",
    "COPY --from=build /app /",
    "COPY --from=busybox:1 /bin/busybox /",
  ];
  assert.deepEqual(imagesOf(lines, "linux/amd64,linux/arm64"), [
    "golang:1.26 linux/amd64",
    "debian:12 linux/amd64",
    "busybox:1 linux/amd64",
    "debian:12 linux/arm64",
    "busybox:1 linux/arm64",
  ]);
});

test("a context in an image's place is looked at in its stead, where it is an image", () => {
  const lines = [
    "FROM debian:12 AS a",
    "FROM alpine:3",
    "COPY --from=a / /",
    "COPY --from=src / /",
  ];
  const contexts = [
    "debian:12=oci-layout:///l",
    "alpine:3=docker-image://mine/alpine:3",
    "src=./src",
  ];
  assert.deepEqual(imagesOf(lines, "linux/arm64", contexts), [
    "debian:12 in /l linux/arm64",
    "mine/alpine:3 linux/arm64",
  ]);
});

test("what the Dockerfile does not say is not asked", () => {
  assert.deepEqual(imagesOf(["FROM ${REGISTRY}debian:12"], "linux/arm64"), []);
});

const base = { name: "debian:12", platform: parsePlatform("linux/arm/v7") };

const verdict = (...platforms: readonly string[]) =>
  baseCheck(base, { kind: "index", platforms }).status;

test("an index serves by architecture, and a lesser variant serves a greater one", () => {
  assert.equal(verdict("linux/amd64", "linux/arm/v7"), "pass");
  assert.equal(verdict("linux/arm/v6"), "pass");
  assert.equal(verdict("linux/amd64", "linux/arm64"), "fail");
  assert.equal(verdict("linux/arm/v8"), "fail");
});

test("an image for one platform alone is refused for another, though BuildKit would take it", () => {
  const check = baseCheck(base, { kind: "single", platforms: ["linux/amd64"] });
  assert.equal(check.status, "fail");
  assert.match(check.detail, /is for linux\/amd64 alone, and linux\/arm\/v7 is built/);
  assert.equal(check.error?.code, "BASE_PLATFORM_MISSING");
});
