import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsOf, shown } from "../../../test/lint/findings.ts";

interface Case {
  readonly name: string;
  readonly text: string;
  readonly found: readonly string[];
  readonly says: string;
}

const builders = "FROM --platform=$BUILDPLATFORM golang AS base\n";

const cases: readonly Case[] = [
  {
    name: "the target's before a stage of the builder's",
    text: `${builders}FROM --platform=$TARGETPLATFORM base\nRUN go build .\n`,
    found: ["error '--platform=$TARGETPLATFORM'"],
    says: "the stage 1 runs on linux/arm64, the platform of base, and not on linux/amd64",
  },
  {
    name: "the builder's before a stage of the target's is only slow",
    text: "FROM golang AS base\nFROM --platform=$BUILDPLATFORM base AS made\nRUN go build -o /app .\nFROM scratch\nCOPY --from=made /app /app\n",
    found: ["warning '--platform=$BUILDPLATFORM'"],
    says: "the stage made runs on linux/amd64, the platform of base, and not on linux/arm64: BuildKit ignores --platform before an earlier stage. Its commands are emulated.",
  },
  {
    name: "a fixed platform before a stage of the target's",
    text: "FROM alpine AS base\nFROM --platform=linux/amd64 base\nRUN ./amd64-only-tool\n",
    found: ["error '--platform=linux/amd64' linux/arm64"],
    says: "runs on linux/arm64, the platform of base, and not on linux/amd64",
  },
  {
    name: "over several stages",
    text: `${builders}FROM base AS deps\nFROM --platform=linux/\${TARGETARCH} deps AS run\n`,
    found: ["error '--platform=linux/${TARGETARCH}'"],
    says: "the stage run runs on linux/arm64, the platform of deps",
  },
  {
    name: "a stage that a variable names",
    text: `ARG FLAVOUR=base\n${builders}FROM --platform=$TARGETPLATFORM $FLAVOUR\n`,
    found: ["error '--platform=$TARGETPLATFORM'"],
    says: "the platform of $FLAVOUR",
  },
  {
    name: "two fixed ones",
    text: "FROM --platform=linux/amd64 alpine AS base\nFROM --platform=arm64 base\n",
    found: ["error '--platform=arm64'"],
    says: "runs on linux/amd64, the platform of base, and not on linux/arm64",
  },
];

for (const { name, text, found, says } of cases) {
  test(`R6: ${name}`, () => {
    const findings = findingsOf("R6", text);
    assert.deepEqual(shown(text, findings), found);
    assert.ok(findings[0]?.message.includes(says), findings[0]?.message);
  });
}

const silent: Readonly<Record<string, string>> = {
  "the platform that the stage has": `${builders}FROM --platform=$BUILDPLATFORM base\n`,
  "the same in other words": "FROM alpine AS base\nFROM --platform=$TARGETOS/$TARGETARCH base\n",
  "an image, and no stage": `${builders}FROM --platform=$TARGETPLATFORM golang\n`,
  "an image that has a stage's name in capitals": `${builders}FROM --platform=$TARGETPLATFORM docker.io/library/base\n`,
  "a stage that comes later": `FROM --platform=$TARGETPLATFORM base\n${builders}FROM alpine AS base\n`,
  "no --platform": `${builders}FROM base\n`,
  "a variable without a value": `${builders}FROM --platform=$WHERE base\n`,
  "a stage that the target does not need": `${builders}FROM --platform=$TARGETPLATFORM base AS test\nFROM alpine\n`,
};

for (const [name, text] of Object.entries(silent)) {
  test(`R6 is silent: ${name}`, () => {
    assert.deepEqual(findingsOf("R6", text), []);
  });
}
