/** What lint finds in a Dockerfile, as tests write it: the text that a finding stands on, and the platforms. */
import assert from "node:assert/strict";
import { inspectDockerfile, type LintFinding } from "../../src/lint/inspect.ts";
import type { RuleId } from "../../src/lint/rules/rule.ts";
import { parsePlatform } from "../../src/platform/platform.ts";

const usual = ["linux/amd64", "linux/arm64"];

/** Every finding, looked at for linux/amd64 and linux/arm64. */
export function findingsIn(
  text: string,
  platforms: readonly string[] = usual,
): readonly LintFinding[] {
  return inspectDockerfile(text, { platforms: platforms.map(parsePlatform) });
}

/** The findings of that rule as `text`, or `text on linux/arm64` where it is not on both platforms. */
export function foundBy(rule: RuleId, text: string): readonly string[] {
  return findingsIn(text)
    .filter((finding) => finding.rule === rule)
    .map(({ range, platforms }) => {
      const on = platforms.length === 0 ? "" : ` on ${platforms.join(", ")}`;
      return `${textIn(text, range)}${on}`;
    });
}

/** That nothing at all is found. */
export function assertSilent(text: string): void {
  assert.deepEqual(
    findingsIn(text).map(({ rule, message }) => `${rule}: ${message}`),
    [],
  );
}

function textIn(text: string, { line, column, endLine, endColumn }: LintFinding["range"]): string {
  const lines = text.split("\n").slice(line - 1, endLine);
  const last = lines.length - 1;
  return lines
    .map((one, at) => one.slice(at === 0 ? column - 1 : 0, at === last ? endColumn - 1 : undefined))
    .join("\n");
}
