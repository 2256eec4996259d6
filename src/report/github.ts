/**
 * The findings of `lint` as workflow commands, which GitHub shows beside the lines of a pull request
 * (https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions; how they are read: github.com/actions/runner,
 * src/Runner.Common/ActionCommand.cs and src/Runner.Worker/ActionCommandManager.cs).
 */
import type { LintFinding } from "../lint/inspect.ts";
import type { LintResult } from "../lint/lint.ts";
import { sayings } from "./lint.ts";
import { lintRules } from "./lint-rule.ts";
import { printable, printableLine } from "./printable.ts";

/** A line for each finding; nothing where nothing was found. */
export function lintCommands({ files }: LintResult): string {
  const titles = new Map(lintRules().map(({ id, title }) => [id, title]));
  return files
    .flatMap(({ path, findings }) =>
      findings.map((finding) => command(path, finding, titles.get(finding.rule) ?? "")),
    )
    .join("\n");
}

function command(path: string, finding: LintFinding, title: string): string {
  const { rule, severity, message, hint, platforms } = finding;
  const properties = {
    file: printableLine(path),
    ...placeOf(finding),
    title: title === "" ? rule : `${rule}: ${title}`,
  };
  const lines = [
    message,
    ...(platforms.length === 0 ? [] : [`On ${platforms.join(", ")}.`]),
    ...sayings(finding),
    `→ ${hint}`,
  ];
  const written = Object.entries(properties).map(([name, value]) => {
    return `${name}=${escapedProperty(String(value))}`;
  });
  return `::${severity} ${written.join(",")}::${escaped(printable(lines.join("\n")))}`;
}

/** Columns are taken for ranges within one line only. */
function placeOf({ range: { line, column, endLine, endColumn } }: LintFinding) {
  return line === endLine ? { line, col: column, endLine, endColumn } : { line, endLine };
}

function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapedProperty(text: string): string {
  return escaped(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
