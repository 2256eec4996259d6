import assert from "node:assert/strict";
import { test } from "node:test";
import { findingsOf, shown } from "../../../test/lint/findings.ts";

interface Case {
  readonly name: string;
  readonly text: string;
  readonly found: readonly string[];
  readonly says: string;
}

const made = "FROM --platform=$BUILDPLATFORM golang AS made\nRUN go build -o /app .\n";

const cases: readonly Case[] = [
  {
    name: "the last stage is the builder's",
    text: 'FROM --platform=$BUILDPLATFORM alpine\nCMD ["/app"]\n',
    found: ["error '--platform=$BUILDPLATFORM'"],
    says: "Built for linux/amd64, the image consists of programs for linux/arm64 where that is the machine that builds",
  },
  {
    name: "a fixed platform",
    text: `${made}FROM --platform=linux/amd64 alpine\nCOPY --from=made /app /app\n`,
    found: ["error '--platform=linux/amd64' linux/arm64"],
    says: "Built for linux/arm64, the image consists of programs for linux/amd64.",
  },
  {
    name: "the image continues a stage of the builder's, and nothing says how it starts",
    text: `${made}FROM made AS test\nRUN /app --test\nFROM test\n`,
    found: ["warning '--platform=$BUILDPLATFORM'"],
    says: "the image consists of programs for linux/arm64",
  },
  {
    name: "by a variable with the builder's platform",
    text: 'ARG BASE_PLATFORM=${BUILDPLATFORM}\nFROM --platform=${BASE_PLATFORM} alpine\nENTRYPOINT ["/app"]\n',
    found: ["error '--platform=${BASE_PLATFORM}'"],
    says: "Built for linux/amd64, the image consists of programs for linux/arm64",
  },
  {
    name: "another word for a platform, and a variable with an architecture",
    text: 'ARG ARCH=x86_64\nFROM --platform="linux/${ARCH}" debian\n',
    found: [`error '--platform="linux/\${ARCH}"' linux/arm64`],
    says: "programs for linux/amd64.",
  },
  {
    name: "--platform before a stage of the builder's mends nothing",
    text: `${made}FROM --platform=$TARGETPLATFORM made\nCMD /app\n`,
    found: ["error '--platform=$BUILDPLATFORM'"],
    says: "where that is the machine that builds",
  },
];

for (const { name, text, found, says } of cases) {
  test(`R3: ${name}`, () => {
    const findings = findingsOf("R3", text);
    assert.deepEqual(shown(text, findings), found);
    assert.ok(findings[0]?.message.includes(says), findings[0]?.message);
  });
}

test("R3: the stage that is asked for is the image", () => {
  const text = `${made}FROM alpine\nCOPY --from=made /app /app\n`;
  assert.deepEqual(findingsOf("R3", text), []);
  const findings = findingsOf("R3", text, { target: "made" });
  assert.deepEqual(shown(text, findings), ["warning '--platform=$BUILDPLATFORM'"]);
});

const silent: Readonly<Record<string, string>> = {
  "no --platform": "FROM alpine\n",
  "the target's": "FROM --platform=$TARGETPLATFORM alpine\n",
  "a stage whose files are taken": `${made}FROM alpine\nCOPY --from=made /app /app\n`,
  "upon scratch it is ignored": `${made}FROM --platform=$BUILDPLATFORM scratch\nCOPY --from=made /app /app\n`,
  "a variable without a value": "FROM --platform=$WHERE alpine\n",
  "nothing is set, so the target's is taken": "FROM --platform=${WHERE:-$TARGETPLATFORM} alpine\n",
  "the target's architecture, made up of parts": "FROM --platform=$TARGETOS/$TARGETARCH alpine\n",
};

for (const [name, text] of Object.entries(silent)) {
  test(`R3 is silent: ${name}`, () => {
    assert.deepEqual(findingsOf("R3", text), []);
  });
}

test("R3 is silent: programs that run there although they are of another platform", () => {
  const older = "FROM --platform=linux/arm/v6 alpine\n";
  assert.deepEqual(findingsOf("R3", older, { platforms: ["linux/arm/v7"] }), []);
  assert.equal(findingsOf("R3", older, { platforms: ["linux/arm64"] }).length, 1);
  const newer = "FROM --platform=linux/arm/v7 alpine\n";
  assert.equal(findingsOf("R3", newer, { platforms: ["linux/arm/v6"] }).length, 1);
  const narrow = "FROM --platform=linux/386 alpine\n";
  assert.deepEqual(findingsOf("R3", narrow, { platforms: ["linux/amd64"] }), []);
});
