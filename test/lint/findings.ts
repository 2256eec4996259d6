/** What a rule finds in a Dockerfile, as the tests of rules compare it. */
import assert from "node:assert/strict";
import { parsePlatform } from "../../src/platform/platform.ts";
import type { Range } from "../../src/dockerfile/range.ts";
import type { LintContext } from "../../src/lint/context.ts";
import { inspectDockerfile, type LintFinding } from "../../src/lint/inspect.ts";
import type { Edit, RuleId } from "../../src/lint/rules/rule.ts";

interface Asked {
  readonly context?: LintContext;
  readonly platforms?: readonly string[];
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly target?: string;
}

/** The findings of that rule; of linux/amd64 and linux/arm64 where no platforms are named. */
export function findingsOf(rule: RuleId, text: string, asked: Asked = {}): readonly LintFinding[] {
  return allFindings(text, asked).filter((finding) => finding.rule === rule);
}

function allFindings(text: string, asked: Asked): readonly LintFinding[] {
  const { platforms = ["linux/amd64", "linux/arm64"], buildArgs = {}, target, context } = asked;
  return inspectDockerfile(text, {
    platforms: platforms.map(parsePlatform),
    buildArgs: new Map(Object.entries(buildArgs)),
    ...(target === undefined ? {} : { target }),
    ...(context === undefined ? {} : { context }),
  });
}

/** That no rule finds anything. */
export function assertSilent(text: string, asked: Asked = {}): void {
  assert.deepEqual(
    allFindings(text, asked).map(({ rule, message }) => `${rule}: ${message}`),
    [],
  );
}

/** What the rule's findings stand on: `text`, or `text on linux/arm64` where that is not on all platforms. */
export function foundBy(rule: RuleId, text: string): readonly string[] {
  return findingsOf(rule, text).map(({ range, platforms }) => {
    const on = platforms.length === 0 ? "" : ` on ${platforms.join(", ")}`;
    return `${textAt(text, range)}${on}`;
  });
}

/** Each as `severity 'what stands there' platforms`; no platforms where it holds on each. */
export function shown(text: string, findings: readonly LintFinding[]): readonly string[] {
  return findings.map(({ severity, range, platforms }) =>
    [severity, `'${textAt(text, range)}'`, ...platforms].join(" "),
  );
}

export function textAt(text: string, { line, column, endLine, endColumn }: Range): string {
  return text.slice(offsetOf(text, line, column), offsetOf(text, endLine, endColumn));
}

/** The text with all edits of the findings, the same one once. */
export function mended(text: string, findings: readonly LintFinding[]): string {
  const edits = new Map<string, Edit>();
  for (const edit of findings.flatMap((finding) => finding.edits ?? [])) {
    edits.set(JSON.stringify(edit), edit);
  }
  let result = text;
  const starts = ({ range }: Edit) => offsetOf(text, range.line, range.column);
  // From the end on, so that no edit moves another.
  for (const edit of [...edits.values()].toSorted((one, two) => starts(two) - starts(one))) {
    const end = offsetOf(text, edit.range.endLine, edit.range.endColumn);
    result = result.slice(0, starts(edit)) + edit.text + result.slice(end);
  }
  return result;
}

function offsetOf(text: string, line: number, column: number): number {
  const before = text.split("\n").slice(0, line - 1);
  return before.reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
}
