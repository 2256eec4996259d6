import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDockerfile } from "../dockerfile/syntax.ts";
import { parsePlatform } from "../platform/platform.ts";
import { viewOf } from "./view.ts";

/** What an instruction at the end of the last stage finds. */
function variablesOf(text: string, buildArgs: Readonly<Record<string, string>> = {}) {
  const { stages } = viewOf(parseDockerfile(`${text}CMD true\n`), {
    buildPlatform: parsePlatform("linux/amd64"),
    targetPlatform: parsePlatform("linux/arm64"),
    buildArgs: new Map(Object.entries(buildArgs)),
  });
  return Object.fromEntries(
    [...(stages.at(-1)?.steps.at(-1)?.variables ?? [])].map(([name, { text: value }]) => [
      name,
      value,
    ]),
  );
}

test("of ARG and ENV with the same name the later one holds", () => {
  assert.deepEqual(variablesOf("FROM a\nENV X=1\nARG X=2\n"), { X: "2" });
  assert.deepEqual(variablesOf("FROM a\nARG X=1\nENV X=2\n"), { X: "2" });
});

test("a stage upon another has its ARG too, and its ENV before an ARG of the same name", () => {
  assert.deepEqual(variablesOf("FROM a AS b\nARG X=1 Y=2\nFROM b\n"), { X: "1", Y: "2" });
  assert.deepEqual(variablesOf("FROM a AS b\nENV X=1\nARG X=2\nFROM b\n"), { X: "1" });
});

test("a stage that copies from another has nothing of it", () => {
  assert.deepEqual(variablesOf("FROM a AS b\nARG X=1\nFROM c\nCOPY --from=b /a /a\n"), {});
});

test("an ARG without a default has the value of the one before the first FROM, or of what was set before", () => {
  assert.deepEqual(variablesOf("ARG X=1\nFROM a\nARG X\n"), { X: "1" });
  assert.deepEqual(variablesOf("FROM a\nENV X=1\nARG X\n"), { X: "1" });
  assert.deepEqual(variablesOf("ARG X=1\nFROM a\nENV X=2\nARG X\n"), { X: "1" });
  assert.deepEqual(variablesOf("FROM a\nARG TARGETARCH BUILDARCH\n"), {
    TARGETARCH: "arm64",
    BUILDARCH: "amd64",
  });
});

test("a build argument goes before every default, where an ARG asks for it", () => {
  assert.deepEqual(variablesOf("FROM a\nARG X=1\nARG Y=$X\n", { X: "3" }), { X: "3", Y: "3" });
  assert.deepEqual(variablesOf("ARG X=1\nFROM a\nARG X=2\n", { X: "3" }), { X: "3" });
  assert.deepEqual(variablesOf("FROM a\nENV X=1\n", { X: "3" }), { X: "1" });
});

test("all of an ENV see what held before it, each of an ARG what the one before it declared", () => {
  assert.deepEqual(variablesOf("FROM a\nENV X=1\nENV X=2 Y=$X\n"), { X: "2", Y: "1" });
  assert.deepEqual(variablesOf("FROM a\nENV X=1\nARG X=2 Y=$X\n"), { X: "2", Y: "2" });
});

test("what ONBUILD of a stage holds back comes before the next stage's own", () => {
  assert.deepEqual(variablesOf("FROM a AS b\nONBUILD ARG X=1\nFROM b\nENV Y=$X\n"), {
    X: "1",
    Y: "1",
  });
});
