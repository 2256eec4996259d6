/** The result of `lint`, for people and for machines. */
import { codeFrame, frameLines } from "../dockerfile/frame.ts";
import type { LintFinding } from "../lint/inspect.ts";
import type { LintedFile, LintResult } from "../lint/lint.ts";
import { placesIn } from "../lint/splice.ts";
import { unifiedDiff } from "./diff.ts";
import { ignoreComment } from "./lint-rule.ts";
import { printable, printableLine } from "./printable.ts";
import type { Style } from "./style.ts";

export interface LintTextOptions {
  /** Only what is wrong: no counts, no advice. */
  readonly quiet?: boolean;
}

/** What was mended or would be, each finding that remains with its lines, then what they come to. */
export function lintText(
  { files }: LintResult,
  style: Style,
  { quiet = false }: LintTextOptions = {},
): string {
  const blocks = [
    ...files.map((file) => fixText(file, style, quiet)),
    ...files.flatMap((file) => {
      const lines = frameLines(file.text);
      return remaining(file).map((finding) => findingText(file.path, lines, finding, style));
    }),
    ...(quiet ? [] : [summary(files, style)]),
  ];
  return blocks.filter((block) => block !== "").join("\n\n");
}

/** Without those that a plan mends: its diff shows them. */
function remaining({ findings, fix }: LintedFile): readonly LintFinding[] {
  if (fix?.isPlan !== true) return findings;
  const planned = new Set(fix.fixed);
  return findings.filter((finding) => !planned.has(finding));
}

function fixText({ path, fix }: LintedFile, style: Style, quiet: boolean): string {
  if (fix === undefined) return "";
  if (fix.isPlan) return diffText(unifiedDiff(printableLine(path), fix.before, fix.after), style);
  if (quiet) return "";
  return fix.fixed
    .map((finding) => {
      const { rule, hint } = finding;
      return `${style("green", `fixed[${rule}]`)} ${placeOf(path, finding)}  ${printableLine(hint)}`;
    })
    .join("\n");
}

/** A carriage return at the end of a line belongs to the line. */
function diffText(diff: string, style: Style): string {
  const lines = diff.split("\n").slice(0, -1);
  const shown = lines.map((line) => {
    const text = printable(line.replace(/\r$/, "")) + (line.endsWith("\r") ? "\r" : "");
    if (/^(?:---|\+\+\+) /.test(line)) return style("bold", text);
    if (line.startsWith("+")) return style("green", text);
    return line.startsWith("-") ? style("red", text) : text;
  });
  return shown.join("\n");
}

function findingText(
  path: string,
  lines: readonly string[],
  finding: LintFinding,
  style: Style,
): string {
  const { rule, severity, range, message, hint, platforms } = finding;
  const colour = severity === "error" ? "red" : "yellow";
  const where = platforms.length === 0 ? "" : ` (${platforms.join(", ")})`;
  const frame = codeFrame(lines, range, { context: 1 });
  const mended = isFixable(finding) ? style("dim", " (--fix does it)") : "";
  return [
    `${style(colour, `${severity}[${rule}]`)} ${style("bold", placeOf(path, finding))}${where}`,
    `  ${printableLine(message)}`,
    ...frame.map((line) => `  ${colouredFrame(printableLine(line), colour, style)}`),
    ...sayings(finding).map((saying) => `  ${printableLine(saying)}`),
    `  → ${printableLine(hint)}${mended}`,
  ].join("\n");
}

/** What will be printed in the end, or may be. */
export function sayings({ failure, mayFail }: LintFinding): readonly string[] {
  if (failure !== undefined) return [`It will say: ${failure}`];
  return mayFail === undefined ? [] : [`It may say: ${mayFail}`];
}

function placeOf(path: string, { range: { line, column } }: LintFinding): string {
  return `${printableLine(path)}:${line}:${column}`;
}

/** The gutter steps back, and what is meant comes forward. */
function colouredFrame(line: string, colour: "red" | "yellow", style: Style): string {
  const end = line.indexOf("|") + 1;
  const [gutter, text] = [line.slice(0, end), line.slice(end)];
  if (/^ +\|$/.test(gutter)) return style("dim", gutter) + style(colour, text);
  if (gutter.startsWith(">")) return style(colour, gutter) + text;
  return style("dim", gutter) + text;
}

function isFixable({ edits = [] }: LintFinding): boolean {
  return edits.length > 0;
}

function summary(files: readonly LintedFile[], style: Style): string {
  const findings = files.flatMap((file) => file.findings);
  const looked = files.length === 1 ? printableLine(files[0]?.path ?? "") : `${files.length} files`;
  const fixed = files.flatMap(({ fix }) => (fix?.isPlan === false ? fix.fixed : []));
  const done = fixed.length === 0 ? "" : `${fixed.length} fixed, `;
  if (findings.length === 0) {
    const what = done === "" ? "nothing" : "nothing else";
    return style("green", `${looked}: ${done}${what} speaks against it.`);
  }
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const counts = [counted(errors, "error"), counted(findings.length - errors, "warning")]
    .filter((one) => one !== "")
    .join(", ");
  const line = `${looked}: ${done}${counts}${fixableText(files)}`;
  return [style(errors > 0 ? "red" : "yellow", line), ...adviceOn(findings, style)].join("\n");
}

/** A plan knows what it mends; otherwise it is what has edits. */
function fixableText(files: readonly LintedFile[]): string {
  const planned = files.flatMap(({ findings, fix }) =>
    fix?.isPlan === true ? fix.fixed : findings.filter(isFixable),
  );
  return planned.length === 0 ? "" : `; --fix mends ${planned.length} of them`;
}

/** How to live with one that is meant so. */
function adviceOn(findings: readonly LintFinding[], style: Style): readonly string[] {
  const rule = findings.map((finding) => finding.rule).find((id) => /^R\d/.test(id));
  if (rule === undefined) return [];
  return [style("dim", `One that is meant so, in a line before it: ${ignoreComment(rule)}`)];
}

function counted(count: number, noun: string): string {
  return count === 0 ? "" : `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/**
 * - `outcome`: `clean`, `warnings` or `errors`, by `findings`
 * - `buildkit`: whether BuildKit's own checks (`buildkit/…`) are among the findings
 * - `files[]`: what was looked at
 * - `findings[]`: what speaks against the files as they are when all is done: `rule`, `severity`, `file`, `line`, `column`, `endLine`,
 *   `endColumn` (from 1, the end exclusive), `message`, `failure` and `mayFail` (what will be said, and what may be; null where nobody says anything), `hint`, `platforms[]` (empty: all),
 *   `fix` (`edits[]`, or null)
 * - `fixed[]`, with `--fix`: what was mended, or would be; the same keys, the places of the text before
 * - `diff`, with `--fix --dry-run`: unified, empty where nothing would change
 */
export function lintDocument({
  outcome,
  files,
  isBuildkits,
}: LintResult): Readonly<Record<string, unknown>> {
  const findings = files.flatMap((file) => findingDocuments(file, file.text, file.findings));
  const fixes = files.flatMap(({ path, fix }) => (fix === undefined ? [] : [{ path, ...fix }]));
  const diffs = fixes.map(({ path, before, after }) => unifiedDiff(path, before, after));
  return {
    outcome,
    buildkit: isBuildkits,
    files: files.map(({ path }) => path),
    findings,
    ...(fixes.length === 0
      ? {}
      : { fixed: fixes.flatMap((fix) => findingDocuments(fix, fix.before, fix.fixed)) }),
    ...(fixes.some(({ isPlan }) => isPlan) ? { diff: diffs.join("") } : {}),
  };
}

function findingDocuments(
  { path }: Pick<LintedFile, "path">,
  text: string,
  findings: readonly LintFinding[],
) {
  const places = placesIn(text);
  return findings.map(
    ({ rule, severity, range, message, failure, mayFail, hint, platforms, edits = [] }) => ({
      rule,
      severity,
      file: path,
      ...range,
      message,
      failure: failure ?? null,
      mayFail: mayFail ?? null,
      hint,
      platforms,
      fix:
        edits.length === 0
          ? null
          : { edits: edits.map((edit) => ({ ...edit.range, text: places.writtenBy(edit) })) },
    }),
  );
}
