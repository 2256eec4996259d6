/** Correct Dockerfiles of many kinds, for several platforms each: nothing is found in any of them. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parseDockerfile } from "../dockerfile/syntax.ts";
import { parsePlatform } from "../platform/platform.ts";
import { inspectDockerfile } from "./inspect.ts";
import { viewOf } from "./view.ts";

const directory = new URL("../../test/lint/good/", import.meta.url);
const ending = ".Dockerfile";

/** Those that a comment names at its top, `# platforms: linux/amd64, linux/arm64, linux/arm/v7`. */
function platformsOf(text: string) {
  const [, named = "linux/amd64, linux/arm64"] = /^# platforms: (.*)$/m.exec(text) ?? [];
  return named.split(", ").map(parsePlatform);
}

/** Scripts that are not understood, with the reason. */
const beyond: ReadonlyMap<string, string> = new Map([
  ["inline-files", "one is Python's"],
  ["shell-of-powershell", "they are PowerShell's"],
]);

/** The scripts that would be passed over, as `line: text`. */
function scriptsNotUnderstood(text: string): readonly string[] {
  const dockerfile = parseDockerfile(text);
  const buildPlatform = parsePlatform("linux/amd64");
  return platformsOf(text).flatMap((targetPlatform) =>
    viewOf(dockerfile, { buildPlatform, targetPlatform }).stages.flatMap(({ steps }) =>
      steps.flatMap(({ instruction, run }) => {
        if (instruction.keyword !== "RUN" || run?.isComplete === true) return [];
        return [`${instruction.range.line}: ${run?.text ?? "no shell"}`];
      }),
    ),
  );
}

const names = readdirSync(directory).filter((name) => name.endsWith(ending));
assert.ok(names.length >= 60);

for (const file of names) {
  const name = file.slice(0, -ending.length);
  test(`nothing is found in ${name}`, () => {
    const text = readFileSync(new URL(file, directory), "utf8");
    assert.deepEqual(parseDockerfile(text).problems, []);
    if (!beyond.has(name)) assert.deepEqual(scriptsNotUnderstood(text), []);
    assert.deepEqual(inspectDockerfile(text, { platforms: platformsOf(text) }), []);
  });
}
