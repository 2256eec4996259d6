/** The findings of `lint` as a SARIF log (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), for code scanning and editors. */
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Range } from "../dockerfile/range.ts";
import type { LintFinding } from "../lint/inspect.ts";
import type { LintedFile, LintResult } from "../lint/lint.ts";
import { type Places, placesIn } from "../lint/splice.ts";
import { sayings } from "./lint.ts";
import { type LintRule, lintRules } from "./lint-rule.ts";
import type {
  ArtifactLocation,
  Fix,
  Region,
  ReportingDescriptor,
  Result,
  SarifLog,
} from "./sarif-log.ts";

export interface SarifOptions {
  readonly version: string;
  /** Where people read about the tool. */
  readonly homepage?: string;
  /** What relative paths are relative to. */
  readonly directory: string;
}

/** GitHub refuses a run with more results, and cuts descriptions (https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning). */
export const codeScanningLimits = { results: 25_000, description: 1024 } as const;

/** One run with all rules, whether or not they found something. */
export function lintSarif({ files }: LintResult, options: SarifOptions): SarifLog {
  const { version, homepage } = options;
  const rules = lintRules(files.flatMap(({ findings }) => findings));
  const indexes = new Map(rules.map(({ id }, index) => [id, index]));
  const results = files.flatMap((file) => resultsOf(file, indexes, options.directory));
  return {
    $schema:
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "Transship",
            version,
            ...(homepage === undefined ? {} : { informationUri: homepage }),
            rules: rules.map(descriptorOf),
          },
        },
        columnKind: "utf16CodeUnits",
        ...shown(results),
      },
    ],
  };
}

/** Errors go before warnings where there is no room for all; how many are left out is told. */
function shown(results: readonly Result[]) {
  const most = codeScanningLimits.results;
  if (results.length <= most) return { results };
  const text = `There are ${results.length} results, and the first ${most} of them are listed, errors before warnings.`;
  return {
    results: results.toSorted((one, other) => rankOf(one) - rankOf(other)).slice(0, most),
    invocations: [
      {
        executionSuccessful: true,
        toolExecutionNotifications: [{ level: "warning", message: { text } } as const],
      },
    ],
  };
}

function rankOf({ level }: Result): number {
  return level === "error" ? 0 : 1;
}

function descriptorOf({ id, title, why, page }: LintRule): ReportingDescriptor {
  return {
    id,
    name: nameOf(title),
    shortDescription: { text: `${title}.` },
    fullDescription: { text: cut(why) },
    help: page,
    defaultConfiguration: { level: id === "ignore" ? "warning" : "error" },
    properties: { tags: ["dockerfile", "portability"], precision: "high" },
  };
}

/** `ADefaultShadowsAnAutomaticVariable` */
function nameOf(title: string): string {
  const words = title.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

function cut(text: string): string {
  const most = codeScanningLimits.description;
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/\s+\S*$/, "")}…`;
}

function resultsOf(
  { path: file, text, findings }: LintedFile,
  indexes: ReadonlyMap<LintFinding["rule"], number>,
  directory: string,
): readonly Result[] {
  const artifactLocation = locationOf(file, directory);
  const places = placesIn(text);
  return findings.map((finding) => {
    const { rule, severity, range, platforms } = finding;
    return {
      ruleId: rule,
      ruleIndex: indexes.get(rule) ?? -1,
      level: severity,
      message: { text: sentencesOf(finding) },
      locations: [{ physicalLocation: { artifactLocation, region: regionOf(range) } }],
      ...fixesOf(finding, artifactLocation, places),
      properties: { platforms },
    };
  });
}

/** Braces are left as they are: without `arguments` nothing is put in their place, and readers show them so. */
function sentencesOf(finding: LintFinding): string {
  const { message, hint } = finding;
  const said = sayings(finding)
    .map((saying) => ` ${saying}.`)
    .join("");
  return `${message}${said} ${hint}`;
}

function fixesOf(
  { edits = [], hint }: LintFinding,
  artifactLocation: ArtifactLocation,
  places: Places,
): { readonly fixes?: readonly Fix[] } {
  if (edits.length === 0) return {};
  const replacements = edits.map((edit) => ({
    deletedRegion: regionOf(edit.range),
    insertedContent: { text: places.writtenBy(edit) },
  }));
  const artifactChanges = [{ artifactLocation, replacements }];
  return { fixes: [{ description: { text: hint }, artifactChanges }] };
}

function regionOf({ line, column, endLine, endColumn }: Range): Region {
  return { startLine: line, startColumn: column, endLine, endColumn };
}

/** A URI that is relative where the file lies below the directory, with slashes on every system. */
function locationOf(file: string, directory: string): ArtifactLocation {
  const relative = path.relative(directory, path.resolve(directory, file));
  const isBelow = relative.split(path.sep)[0] !== ".." && !path.isAbsolute(relative);
  if (!isBelow) return { uri: pathToFileURL(path.resolve(directory, file)).href };
  const parts = relative.split(path.sep).map((part) => encodeURIComponent(part.toWellFormed()));
  return { uri: parts.join("/"), uriBaseId: "%SRCROOT%" };
}
