/** BuildKit's own checks, beside the rules. */
import type { DockerfileChecks, DockerfileWarning } from "../engine/dockerfile-check.ts";
import type { LintFinding } from "./inspect.ts";

/** What a rule says on the same line in more words. */
const said: ReadonlyMap<string, readonly string[]> = new Map([
  ["buildkit/FromPlatformFlagConstDisallowed", ["R3"]],
  ["buildkit/UndefinedVar", ["R11"]],
  ["buildkit/UndefinedArgInFrom", ["R11"]],
]);

/** The findings, with those of BuildKit that no rule has told on their line. `text` is the Dockerfile's. */
export function withBuildkit(
  findings: readonly LintFinding[],
  { warnings }: DockerfileChecks,
  text: string,
): readonly LintFinding[] {
  const lines = text.split("\n");
  const more = warnings
    .map((warning) => findingOf(warning, lines))
    .filter(
      ({ rule, range }) =>
        !findings.some(
          (own) => own.range.line === range.line && said.get(rule)?.includes(own.rule) === true,
        ),
    );
  return [...findings, ...more].toSorted(
    (one, other) => one.range.line - other.range.line || one.range.column - other.range.column,
  );
}

function findingOf(
  { rule, detail, url, lines: place }: DockerfileWarning,
  lines: readonly string[],
): LintFinding {
  const { start, end } = place ?? { start: 1, end: 1 };
  const indent = /^\s*/.exec(lines[start - 1] ?? "")?.[0].length ?? 0;
  const range = {
    line: start,
    column: indent + 1,
    endLine: end,
    endColumn: (lines[end - 1] ?? "").trimEnd().length + 1,
  };
  const message = `BuildKit: ${detail.replace(/\.?$/, ".")}`;
  return {
    rule: `buildkit/${rule}`,
    severity: "warning",
    range,
    message,
    hint: `See ${url}`,
    platforms: [],
  };
}
