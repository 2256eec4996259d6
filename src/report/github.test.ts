import assert from "node:assert/strict";
import { test } from "node:test";
import type { LintFinding } from "../lint/inspect.ts";
import { lintCommands } from "./github.ts";

const finding: LintFinding = {
  rule: "R1",
  severity: "error",
  range: { line: 2, column: 5, endLine: 2, endColumn: 21 },
  message: "It is for one only.",
  hint: "Leave it out.",
  platforms: [],
};

function commands(path: string, ...findings: readonly LintFinding[]): readonly string[] {
  const text = lintCommands({
    outcome: "errors",
    files: [{ path, text: "", findings }],
    isBuildkits: false,
  });
  return text.split("\n");
}

test("a finding is a command with its place, and with all that is to be said", () => {
  const told = {
    ...finding,
    failure: "exec format error",
    platforms: ["linux/arm64", "linux/arm/v7"],
  };
  assert.deepEqual(commands("web/Dockerfile", finding, { ...told, severity: "warning" }), [
    "::error file=web/Dockerfile,line=2,col=5,endLine=2,endColumn=21,title=R1%3A A default shadows an automatic variable::It is for one only.%0A→ Leave it out.",
    "::warning file=web/Dockerfile,line=2,col=5,endLine=2,endColumn=21,title=R1%3A A default shadows an automatic variable::It is for one only.%0AOn linux/arm64, linux/arm/v7.%0AIt will say: exec format error%0A→ Leave it out.",
  ]);
});

test("what parts a command is escaped: in a message per cent and ends of lines, in a property colons and commas as well", () => {
  const [command = ""] = commands("a:b,c%/\nDockerfile", { ...finding, message: "100 %: a,\r\nb" });
  assert.match(command, /^::error file=a%3Ab%2Cc%25\/·Dockerfile,line=2,/);
  assert.ok(command.endsWith("::100 %25: a,·%0Ab%0A→ Leave it out."));
});

test("a range over several lines has no columns: the runner takes them within one line only", () => {
  const range = { line: 2, column: 5, endLine: 4, endColumn: 3 };
  const [command = ""] = commands("Dockerfile", { ...finding, range });
  assert.match(command, /^::error file=Dockerfile,line=2,endLine=4,title=/);
});

test("control characters are not passed on, and nothing is a line where nothing was found", () => {
  const [command = ""] = commands("Dockerfile", { ...finding, message: "\u001B[31mred" });
  assert.ok(command.includes("::·[31mred%0A"));
  assert.deepEqual(commands("Dockerfile"), [""]);
});
