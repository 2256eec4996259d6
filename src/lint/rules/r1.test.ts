import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsOf, mended, shown } from "../../../test/lint/findings.ts";

interface Case {
  readonly name: string;
  readonly text: string;
  readonly found: readonly string[];
  readonly says: string;
}

const cases: readonly Case[] = [
  {
    name: "a default in a stage",
    text: "FROM alpine\nARG TARGETARCH=amd64\nRUN echo $TARGETARCH\n",
    found: ["error 'TARGETARCH=amd64' linux/arm64"],
    says: 'built for linux/arm64, TARGETARCH is "amd64" and not "arm64"',
  },
  {
    name: "a default before the first FROM",
    text: 'ARG TARGETPLATFORM="linux/arm64"\nFROM --platform=$TARGETPLATFORM alpine\n',
    found: [`error 'TARGETPLATFORM="linux/arm64"' linux/amd64`],
    says: 'built for linux/amd64, TARGETPLATFORM is "linux/arm64" and not "linux/amd64"',
  },
  {
    name: "several in one ARG, the word of a kernel among them",
    text: "FROM alpine\nARG VERSION=1 TARGETARCH=x86_64 \\\n  TARGETOS=linux\n",
    found: ["error 'TARGETARCH=x86_64'"],
    says: 'TARGETARCH is "x86_64" and not "amd64"',
  },
  {
    name: "a default of a default: a stage has no value before it declares one",
    text: "FROM alpine\nARG TARGETARCH=${TARGETARCH:-amd64}\n",
    found: ["error 'TARGETARCH=${TARGETARCH:-amd64}' linux/arm64"],
    says: 'TARGETARCH is "amd64" and not "arm64"',
  },
  {
    name: "a default that comes from another variable",
    text: "ARG ARCH=arm64\nFROM alpine\nARG ARCH\nARG TARGETARCH=$ARCH\n",
    found: ["error 'TARGETARCH=$ARCH' linux/amd64"],
    says: 'TARGETARCH is "arm64" and not "amd64"',
  },
  {
    name: "an empty default",
    text: "FROM alpine\narg TARGETARCH=\n",
    found: ["error 'TARGETARCH='"],
    says: 'TARGETARCH is "" and not "amd64"',
  },
  {
    name: "what a stage of the file holds back for those that are built upon it",
    text: "FROM alpine AS base\nONBUILD ARG TARGETARCH=amd64\nFROM base\nRUN echo $TARGETARCH\n",
    found: ["error 'TARGETARCH=amd64' linux/arm64"],
    says: "built for linux/arm64",
  },
];

for (const { name, text, found, says } of cases) {
  test(`R1: ${name}`, () => {
    const findings = findingsOf("R1", text);
    assert.deepEqual(shown(text, findings), found);
    assert.ok(findings[0]?.message.includes(says), findings[0]?.message);
    assert.deepEqual(findingsOf("R1", mended(text, findings)), []);
  });
}

test("R1: its edit leaves the name alone", () => {
  const text = "FROM alpine\nARG VERSION=1 TARGETARCH=amd64\n";
  assert.equal(mended(text, findingsOf("R1", text)), "FROM alpine\nARG VERSION=1 TARGETARCH\n");
});

const silent: Readonly<Record<string, string>> = {
  "no default": "FROM alpine\nARG TARGETARCH\n",
  "the default is BuildKit's value on each platform": "FROM alpine\nARG TARGETOS=linux\n",
  "a variable of the project's own": "FROM alpine\nARG ARCH=amd64\nARG MY_TARGETARCH=amd64\n",
  "a default that stands in for it, taken from the value itself":
    "ARG TARGETPLATFORM=${TARGETPLATFORM:-linux/amd64}\nFROM alpine\n",
  "declared before, and its own default":
    "FROM alpine\nARG TARGETARCH\nARG TARGETARCH=$TARGETARCH\n",
  "the same after the other's name": "FROM alpine\nARG TARGETARCH\nARG ARCH=${TARGETARCH:-amd64}\n",
  "in a comment": "FROM alpine\n# ARG TARGETARCH=amd64\nARG TARGETARCH\n",
  "a stage that the target does not need":
    "FROM alpine AS other\nARG TARGETARCH=amd64\nFROM alpine\nARG TARGETARCH\n",
  "what the image says of itself": "FROM alpine\nENV TARGETARCH=amd64\n",
  "a value that nobody can tell": "FROM alpine\nARG TARGETARCH=$ARCH_OF_THE_BASE\n",
};

for (const [name, text] of Object.entries(silent)) {
  test(`R1 is silent: ${name}`, () => {
    assert.deepEqual(findingsOf("R1", text), []);
  });
}

test("R1 is silent: what is asked for goes before the default", () => {
  const text = "FROM alpine\nARG TARGETARCH=amd64\n";
  assert.deepEqual(findingsOf("R1", text, { buildArgs: { TARGETARCH: "arm64" } }), []);
  assert.deepEqual(findingsOf("R1", text, { platforms: ["linux/amd64"] }), []);
});

test("R1 is silent: the same platform in other words", () => {
  const text = "FROM alpine\nARG TARGETPLATFORM=linux/arm64/v8\n";
  assert.deepEqual(findingsOf("R1", text, { platforms: ["linux/arm64"] }), []);
});
