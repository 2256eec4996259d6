import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsOf, mended, shown } from "../../../test/lint/findings.ts";

interface Case {
  readonly name: string;
  readonly text: string;
  readonly found: readonly string[];
  readonly says: string;
  readonly mended?: string;
}

const cases: readonly Case[] = [
  {
    name: "in a command",
    text: "FROM alpine\nRUN wget https://example.org/tool-$TARGETARCH -O /tool\n",
    found: ["error '$TARGETARCH'"],
    says: "TARGETARCH is not declared before this in its stage, so it is empty, on linux/amd64 as elsewhere",
    mended: "FROM alpine\nARG TARGETARCH\nRUN wget https://example.org/tool-$TARGETARCH -O /tool\n",
  },
  {
    name: "declared before the first FROM, which holds for FROM alone",
    text: 'ARG TARGETARCH\nFROM alpine:3.20-${TARGETARCH} AS made\nRUN case "${TARGETARCH}" in arm64) ./a;; esac\n',
    found: ["error '${TARGETARCH}'"],
    says: "so it is empty",
    mended:
      'ARG TARGETARCH\nFROM alpine:3.20-${TARGETARCH} AS made\nARG TARGETARCH\nRUN case "${TARGETARCH}" in arm64) ./a;; esac\n',
  },
  {
    name: "declared in another stage",
    text: "FROM golang AS made\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build\nFROM alpine\nCOPY --from=made /out/linux_$TARGETARCH/app /app\n",
    found: ["error '/out/linux_$TARGETARCH/app'"],
    says: "not declared before this in its stage",
  },
  {
    name: "a default that is another platform's",
    text: "FROM alpine\nENV ARCH=${TARGETARCH:-amd64}\n",
    found: ["error 'ARCH=${TARGETARCH:-amd64}' linux/arm64"],
    says: 'so "amd64" stands for it, on linux/arm64 as elsewhere',
    mended: "FROM alpine\nARG TARGETARCH\nENV ARCH=${TARGETARCH:-amd64}\n",
  },
  {
    name: "declared too late",
    text: "FROM alpine\nRUN echo $TARGETPLATFORM; echo $TARGETPLATFORM again\nARG TARGETPLATFORM\n",
    found: ["error '$TARGETPLATFORM'"],
    says: "TARGETPLATFORM is not declared before this",
  },
  {
    name: "in the exec form of COPY, whose words BuildKit expands as well",
    text: 'FROM alpine\nCOPY ["bin/$TARGETARCH/app", "/app"]\n',
    found: [`error '"bin/$TARGETARCH/app"'`],
    says: "so it is empty",
  },
  {
    name: "in the name of a cache",
    text: "FROM golang\nRUN --mount=type=cache,id=go-$TARGETARCH,target=/root/.cache go build\n",
    found: ["error '--mount=type=cache,id=go-$TARGETARCH,target=/root/.cache'"],
    says: "so it is empty",
  },
  {
    name: "in a heredoc, and in $(…)",
    text: "FROM alpine\nRUN <<EOF\nset -e\nurl=$(printf 'https://example.org/%s' \"$TARGETARCH\")\nEOF\n",
    found: ["error '$TARGETARCH'"],
    says: "so it is empty",
  },
  {
    name: "in what a stage holds back for those that are built upon it",
    text: "FROM alpine AS base\nONBUILD RUN echo $TARGETARCH\nFROM base\nARG TARGETARCH\n",
    found: ["error '$TARGETARCH'"],
    says: "so it is empty",
  },
];

for (const { name, text, found, says, mended: wanted } of cases) {
  test(`R11: ${name}`, () => {
    const findings = findingsOf("R11", text);
    assert.deepEqual(shown(text, findings), found);
    assert.ok(findings[0]?.message.includes(says), findings[0]?.message);
    const after = mended(text, findings);
    if (wanted !== undefined) assert.equal(after, wanted);
    if (after !== text) assert.deepEqual(findingsOf("R11", after), []);
  });
}

test("R11: a variant is missed where the platform has one", () => {
  const text = "FROM golang\nRUN GOARM=${TARGETVARIANT#v} go build\n";
  const findings = findingsOf("R11", text, { platforms: ["linux/arm64", "linux/arm/v7"] });
  assert.deepEqual(shown(text, findings), ["error '${TARGETVARIANT#v}' linux/arm/v7"]);
});

test("R11: a stage has what its base declared, in ARG and in ENV", () => {
  const use = "RUN echo $TARGETARCH\n";
  for (const declaration of ["ARG TARGETARCH", "ENV TARGETARCH=any", "ARG A=1 TARGETARCH"]) {
    const text = `FROM alpine AS base\n${declaration}\nFROM base AS next\nRUN true\nFROM next\n${use}`;
    assert.deepEqual(findingsOf("R11", text), [], declaration);
  }
});

const silent: Readonly<Record<string, string>> = {
  "declared before": "FROM alpine\nARG TARGETARCH\nRUN echo $TARGETARCH\n",
  "declared among others": "FROM alpine\nARG A TARGETARCH B\nRUN echo ${TARGETARCH}\n",
  "FROM has them by itself": "FROM --platform=$BUILDPLATFORM alpine:$TARGETARCH\n",
  "in single quotes": "FROM alpine\nRUN echo '$TARGETARCH'\n",
  "its dollar escaped": "FROM alpine\nRUN echo \\$TARGETARCH\nENV A=\\$TARGETARCH\n",
  "in a comment": "FROM alpine\nRUN echo a \\\n  # $TARGETARCH\n  b\n",
  "set by the script itself": "FROM alpine\nRUN TARGETARCH=$(uname -m); echo $TARGETARCH\n",
  "asked whether it is empty":
    'FROM alpine\nRUN if [ -z "$TARGETARCH" ]; then TARGETARCH=$(uname -m); fi; echo $TARGETARCH\n',
  "a default that asks the machine": "FROM alpine\nRUN echo ${TARGETARCH:-$(uname -m)}\n",
  "a default that is right on each": "FROM alpine\nENV SYSTEM=${TARGETOS:-linux}\n",
  "a program's variable in a word that starts alike": "FROM alpine\nRUN echo $TARGETARCHITECTURE\n",
  "what runs only later": 'FROM alpine\nCMD echo $TARGETARCH\nENTRYPOINT ["$TARGETARCH"]\n',
  "a part of an architecture that these do not have":
    "FROM golang\nRUN GOARM=${TARGETVARIANT#v} go build\n",
  "read from a file": "FROM alpine\nRUN . ./platform && echo $TARGETARCH\n",
  "a shell that is none of POSIX":
    'FROM alpine AS base\nSHELL ["pwsh", "-Command"]\nFROM base\nRUN Write-Host $TARGETARCH\n',
  "another program's text":
    "FROM alpine\nRUN <<EOF\n#!/usr/bin/env perl\nprint $TARGETARCH;\nEOF\n",
  "a stage that the target does not need":
    "FROM alpine AS other\nRUN echo $TARGETARCH\nFROM alpine\n",
  "declared by what the base holds back":
    "FROM alpine AS base\nONBUILD ARG TARGETARCH\nFROM base\nRUN echo $TARGETARCH\n",
};

for (const [name, text] of Object.entries(silent)) {
  test(`R11 is silent: ${name}`, () => {
    assert.deepEqual(findingsOf("R11", text), []);
  });
}
