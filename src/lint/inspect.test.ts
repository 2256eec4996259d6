import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePlatform } from "../platform/platform.ts";
import { inspectDockerfile } from "./inspect.ts";

const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);

/** Each finding as `R1 error 2:5-2:21 linux/arm64`. */
function found(text: string): readonly string[] {
  return inspectDockerfile(text, { platforms }).map(({ rule, severity, range, platforms: on }) => {
    const place = `${range.line}:${range.column}-${range.endLine}:${range.endColumn}`;
    return [rule, severity, place, ...on].join(" ");
  });
}

test("a finding names its place, and the platforms that it holds on where it does not on all", () => {
  assert.deepEqual(found("FROM alpine\nARG TARGETARCH=amd64\nRUN echo $TARGETOS\n"), [
    "R1 error 2:5-2:21 linux/arm64",
    "R11 error 3:10-3:19",
  ]);
});

test("what no builder takes is told, and the rest is looked at", () => {
  assert.deepEqual(found("FROM alpine\nFOO x\nRUN echo $TARGETOS\n"), [
    "syntax error 2:1-2:4",
    "R11 error 3:10-3:19",
  ]);
});

test("a comment ignores what it names in the instruction below, with a reason", () => {
  const use = "RUN echo \\\n  $TARGETOS\n";
  assert.deepEqual(
    found(`FROM alpine\n# transship: ignore R11 because it is empty on purpose\n${use}`),
    [],
  );
  assert.deepEqual(
    found(`FROM alpine\nRUN echo \\\n  # transship: ignore R11 because so\n  $TARGETOS\n`),
    [],
  );
  assert.deepEqual(found(`FROM alpine\n# transship: ignore R11\n${use}`), [
    "ignore error 2:1-2:24",
    "R11 error 4:3-4:12",
  ]);
  assert.deepEqual(found("FROM alpine\n# transship: ignore\nRUN true\n"), [
    "ignore error 2:1-2:20",
  ]);
  assert.deepEqual(found("FROM alpine\n# transship: ignore R1, R11 because so\nRUN true\n"), [
    "ignore warning 2:1-2:39",
  ]);
});

test("a comment for a rule that finds something on another platform is no fault where fewer are asked for", () => {
  const asked = { platforms: [parsePlatform("linux/amd64")] };
  const text = "FROM alpine\n# transship: ignore R1 because so\nARG TARGETARCH=amd64\n";
  assert.deepEqual(inspectDockerfile(text, asked), []);
  const [finding] = inspectDockerfile(text.replace("R1", "R2"), asked);
  assert.equal(finding?.message, "There is nothing to ignore here for R2.");
});

function told(comment: string): readonly string[] {
  const text = `FROM alpine\n# transship: ${comment}\nRUN true\n`;
  return inspectDockerfile(text, { platforms }).map(({ message, hint }) => `${message} ${hint}`);
}

test("a comment with a fault is told what to write", () => {
  assert.deepEqual(told("ignore R2 because"), [
    "This comment gives no reason, so R2 is not ignored. Write: # transship: ignore R2 because REASON",
  ]);
  assert.deepEqual(told("ignore R77 because so"), [
    "There is no rule R77. The rules are R1 to R12: docs/lint.",
  ]);
});

test("on a machine of the target's own architecture less is wrong", () => {
  const text =
    "FROM --platform=$BUILDPLATFORM golang AS build\nRUN go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\n";
  const rulesOn = (machine: string) =>
    inspectDockerfile(text, {
      platforms: [parsePlatform("linux/arm64")],
      builderFor: () => parsePlatform(machine),
    }).map(({ rule }) => rule);
  assert.deepEqual(rulesOn("linux/amd64"), ["R4"]);
  assert.deepEqual(rulesOn("linux/arm64"), []);
});

test("what eval puts together is told at a place that the file has", () => {
  const script = `A="true; GOARCH=riscv64 go build -o /app ."; B="${"true; ".repeat(9)}"; eval "$B$B$B$A"`;
  const text = `FROM golang AS build\nRUN ${script}\nFROM debian\nCOPY --from=build /app /app\n`;
  const [finding] = inspectDockerfile(text, { platforms });
  assert.equal(finding?.rule, "R2");
  assert.equal(finding.range.line, 2);
  assert.ok(finding.range.endColumn <= "RUN ".length + script.length + 1);
});
