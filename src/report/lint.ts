/** The result of `lint`, for people and for machines. */
import { codeFrame } from "../dockerfile/frame.ts";
import type { LintFinding } from "../lint/inspect.ts";
import type { LintedFile, LintResult } from "../lint/lint.ts";
import type { Style } from "./style.ts";

/** Each finding with its lines, then what they come to. */
export function lintText({ files }: LintResult, style: Style): string {
  const blocks = files.flatMap((file) =>
    file.findings.map((finding) => findingLines(file, finding, style).join("\n")),
  );
  return [...blocks, summary(files, style)].join("\n\n");
}

function findingLines(
  { path, text }: LintedFile,
  finding: LintFinding,
  style: Style,
): readonly string[] {
  const { rule, severity, range, message, failure, hint, platforms } = finding;
  const colour = severity === "error" ? "red" : "yellow";
  const where = platforms.length === 0 ? "" : ` (${platforms.join(", ")})`;
  return [
    `${style(colour, `${severity}[${rule}]`)} ${path}:${range.line}:${range.column}${where}`,
    `  ${message}`,
    ...codeFrame(text, range, { context: 1 }).map((line) => `  ${line}`),
    ...(failure === undefined ? [] : [`  It will say: ${failure}`]),
    `  → ${hint}`,
  ];
}

function summary(files: readonly LintedFile[], style: Style): string {
  const findings = files.flatMap((file) => file.findings);
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const warnings = findings.length - errors;
  const looked = files.length === 1 ? (files[0]?.path ?? "") : `${files.length} files`;
  if (findings.length === 0) return style("green", `${looked}: nothing speaks against it.`);
  const counts = [counted(errors, "error"), counted(warnings, "warning")].filter(
    (one) => one !== "",
  );
  return style(errors > 0 ? "red" : "yellow", `${looked}: ${counts.join(", ")}`);
}

function counted(count: number, noun: string): string {
  return count === 0 ? "" : `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * - `outcome`: `clean`, `warnings` or `errors`
 * - `files[]`: what was looked at
 * - `findings[]`: `rule`, `severity`, `file`, `line`, `column`, `endLine`, `endColumn` (from 1, the end exclusive), `message`,
 *   `failure` (null where nobody says anything), `hint`, `platforms[]` (empty: all), `fix` (`edits[]`, or null)
 */
export function lintDocument({ outcome, files }: LintResult): Readonly<Record<string, unknown>> {
  const findings = files.flatMap(({ path, findings: own }) =>
    own.map(({ rule, severity, range, message, failure, hint, platforms, edits }) => ({
      rule,
      severity,
      file: path,
      ...range,
      message,
      failure: failure ?? null,
      hint,
      platforms,
      fix:
        edits === undefined
          ? null
          : { edits: edits.map((edit) => ({ ...edit.range, text: edit.text })) },
    })),
  );
  return { outcome, files: files.map(({ path }) => path), findings };
}
