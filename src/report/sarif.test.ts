import assert from "node:assert/strict";
import { test } from "node:test";
import { inspectDockerfile } from "../lint/inspect.ts";
import type { LintedFile } from "../lint/lint.ts";
import { parsePlatform } from "../platform/platform.ts";
import { codeScanningLimits, lintSarif } from "./sarif.ts";
import type { Region } from "./sarif-log.ts";

const platforms = ["linux/amd64", "linux/arm64"].map(parsePlatform);
const options = { version: "1.2.3", directory: "/work/app" };

function linted(path: string, text: string): LintedFile {
  return { path, text, findings: inspectDockerfile(text, { platforms }) };
}

/** The only run of the log, and its results. */
function runOf(...files: readonly LintedFile[]) {
  const { runs } = lintSarif({ outcome: "errors", files, isBuildkits: false }, options);
  const [run] = runs;
  assert.ok(run !== undefined && runs.length === 1);
  return run;
}

const bad = linted(
  "Dockerfile",
  "FROM alpine\r\nARG TARGETARCH=amd64\r\nRUN echo $TARGETOS\r\nFOO x\r\n# transship: ignore R7\r\nUSER a\r\n",
);

test("the log has its version, the tool, and the kind of its columns", () => {
  const log = lintSarif(
    { outcome: "clean", files: [linted("Dockerfile", "FROM a\n")], isBuildkits: false },
    options,
  );
  assert.equal(log.version, "2.1.0");
  assert.match(log.$schema, /sarif-schema-2\.1\.0\.json$/);
  const [run] = log.runs;
  assert.equal(run?.columnKind, "utf16CodeUnits");
  assert.deepEqual(run.results, []);
  const { name, version, informationUri } = run.tool.driver;
  assert.deepEqual([name, version, informationUri], ["Transship", "1.2.3", undefined]);
  const homepage = "https://example.org/";
  const [known] = lintSarif(
    { outcome: "clean", files: [], isBuildkits: false },
    { ...options, homepage },
  ).runs;
  assert.equal(known?.tool.driver.informationUri, homepage);
});

test("every rule has its page, once, within what code scanning shows", () => {
  const { rules } = runOf(bad).tool.driver;
  const ids = rules.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.includes("R1") && ids.includes("syntax") && ids.includes("ignore"));
  for (const rule of rules) {
    assert.match(rule.name, /^[A-Z][A-Za-z0-9]+$/);
    assert.ok(rule.name.length <= 255, rule.name);
    for (const { text } of [rule.shortDescription, rule.fullDescription])
      assert.ok(text.length > 0 && text.length <= codeScanningLimits.description, rule.id);
    assert.ok(rule.help.text !== "" && rule.help.markdown !== "");
    assert.doesNotMatch(rule.help.text, /\*\*Why|```/);
    assert.ok(["error", "warning"].includes(rule.defaultConfiguration.level));
  }
  const page = rules[0]?.help.markdown ?? "";
  for (const part of ["**Why.**", "```dockerfile", "**What it does not see.**"])
    assert.ok(page.includes(part), part);
});

test("each result leads to its rule, and has a message, one place and its platforms", () => {
  const { results, tool } = runOf(bad);
  assert.deepEqual(
    results.map(({ ruleId, level }) => `${ruleId} ${level}`),
    ["R1 error", "R11 error", "syntax error", "ignore error"],
  );
  for (const { ruleId, ruleIndex, message, locations } of results) {
    assert.equal(tool.driver.rules[ruleIndex]?.id, ruleId);
    assert.notEqual(message.text, "");
    assert.equal(locations.length, 1);
    assert.ok(locations.every(({ physicalLocation: { region } }) => isRegion(region)));
  }
  const [first] = results;
  assert.deepEqual(first?.properties.platforms, ["linux/arm64"]);
  assert.deepEqual(first?.locations[0]?.physicalLocation, {
    artifactLocation: { uri: "Dockerfile", uriBaseId: "%SRCROOT%" },
    region: { startLine: 2, startColumn: 5, endLine: 2, endColumn: 21 },
  });
});

test("what kernel or package manager will print is part of the message", () => {
  const { results } = runOf(linted("Dockerfile", "FROM --platform=linux/s390x alpine\n"));
  assert.match(results[0]?.message.text ?? "", /\. It will say: exec format error\. Leave/);
});

test("a fix says which regions are deleted, and what is put in, with the line ends of the file", () => {
  const [shadow, undeclared, syntax] = runOf(bad).results;
  const [fix] = undeclared?.fixes ?? [];
  assert.deepEqual(fix?.artifactChanges, [
    {
      artifactLocation: { uri: "Dockerfile", uriBaseId: "%SRCROOT%" },
      replacements: [
        {
          deletedRegion: { startLine: 1, startColumn: 12, endLine: 1, endColumn: 12 },
          insertedContent: { text: "\r\nARG TARGETOS" },
        },
      ],
    },
  ]);
  assert.equal(fix.description.text, "Declare it before: ARG TARGETOS");
  assert.equal(shadow?.fixes?.length, 1);
  assert.equal(syntax?.fixes, undefined);
});

test("a file below the directory has a relative URI, any other an absolute one, both with what they must encoded", () => {
  const uris = Object.entries({
    "./web/Dockerfile": "web/Dockerfile",
    "/work/app/web/Dockerfile": "web/Dockerfile",
    "a b/c:d%?#ü/Dockerfile": "a%20b/c%3Ad%25%3F%23%C3%BC/Dockerfile",
    "..a/Dockerfile": "..a/Dockerfile",
    "../other/Dockerfile": "file:///work/other/Dockerfile",
    "/tmp/a b": "file:///tmp/a%20b",
  });
  for (const [path, uri] of uris) {
    const [result] = runOf({ ...bad, path }).results;
    const location = result?.locations[0]?.physicalLocation.artifactLocation;
    const isRelative = !uri.startsWith("file:");
    assert.deepEqual(location, { uri, ...(isRelative ? { uriBaseId: "%SRCROOT%" } : {}) });
  }
});

test("of more results than code scanning takes the errors are kept, and it is told", () => {
  const [finding] = bad.findings;
  assert.ok(finding !== undefined);
  const most = codeScanningLimits.results;
  const warnings = Array.from(
    { length: most },
    () => ({ ...finding, severity: "warning" }) as const,
  );
  const { results, invocations } = runOf({ ...bad, findings: [...warnings, finding] });
  assert.deepEqual([results.length, results[0]?.level], [most, "error"]);
  const [told] = invocations?.[0]?.toolExecutionNotifications ?? [];
  assert.match(told?.message.text ?? "", /^There are 25001 results/);
  assert.equal(runOf(bad).invocations, undefined);
});

function isRegion({ startLine, startColumn, endLine, endColumn }: Region): boolean {
  const isOrdered = endLine > startLine || (endLine === startLine && endColumn >= startColumn);
  return [startLine, startColumn, endLine, endColumn].every((one) => one >= 1) && isOrdered;
}

test("a check of BuildKit's that found something is a rule as well", () => {
  const range = { line: 1, column: 1, endLine: 1, endColumn: 2 };
  const finding = {
    rule: "buildkit/StageNameCasing",
    severity: "warning",
    range,
    message: "BuildKit: d.",
    hint: "See https://example.org/",
    platforms: [],
  } as const;
  const { tool, results } = runOf({ path: "Dockerfile", text: "FROM a\n", findings: [finding] });
  const [result] = results;
  assert.equal(tool.driver.rules[result?.ruleIndex ?? -1]?.id, "buildkit/StageNameCasing");
});
