/** What lint looks for, as reports and pages tell it. */
import type { LintFinding } from "../lint/inspect.ts";
import { rules } from "../lint/rules.ts";
import type { Rule } from "../lint/rules/rule.ts";

/** What a finding may be named by: a rule, or what is said beside the rules. */
export interface LintRule {
  readonly id: LintFinding["rule"];
  /** What is wrong, in one clause. */
  readonly title: string;
  /** What happens then. */
  readonly why: string;
  /** The whole page without its heading. */
  readonly page: { readonly text: string; readonly markdown: string };
}

/** Every rule, in its order, then `syntax` and `ignore`, and those of BuildKit that found something. */
export function lintRules(findings: readonly LintFinding[] = []): readonly LintRule[] {
  const own = rules.map((rule): LintRule => {
    const { id, title, why } = rule;
    const page = { text: rulePage(rule, plainly), markdown: rulePage(rule, inMarkdown) };
    return { id, title, why, page };
  });
  const found = new Map(findings.map((finding) => [finding.rule, finding]));
  const buildkits = [...found.values()].filter(({ rule }) => rule.startsWith("buildkit/"));
  return [...own, ...beside, ...buildkits.map(ofBuildkit)];
}

const beside: readonly LintRule[] = [
  said(
    "syntax",
    "No builder takes the Dockerfile",
    "What is written there is no instruction, or not as BuildKit reads it: the build ends before its first step. The rules look at the rest of the file all the same.",
  ),
  said(
    "ignore",
    "A comment that ignores nothing, or gives no reason",
    "`# transship: ignore R7 because REASON` holds for the instruction that it stands in or before. Without a reason it does not count; one that has nothing to ignore only hides what comes later.",
  ),
];

/** Its page is where its hint says. */
function ofBuildkit({ rule: id, hint }: LintFinding): LintRule {
  const why = `One of BuildKit's own checks of a Dockerfile. ${hint}`;
  return {
    id,
    title: `BuildKit: ${id.replace("buildkit/", "")}`,
    why,
    page: { text: why, markdown: why },
  };
}

function said(id: "syntax" | "ignore", title: string, why: string): LintRule {
  return { id, title, why, page: { text: why, markdown: why } };
}

interface PageForm {
  readonly label: (text: string) => string;
  readonly block: (language: string, text: string) => string;
}

const inMarkdown: PageForm = {
  label: (text) => `**${text}**`,
  block: (language, text) => ["```" + language, text, "```"].join("\n"),
};

const plainly: PageForm = {
  label: (text) => text,
  block: (_language, text) => text.replaceAll(/^/gm, "    "),
};

/** What it looks at, why, a bad and a good example, what will be printed, and what it does not see. */
function rulePage(rule: Rule, { label, block }: PageForm): string {
  return [
    `${label("What it looks at.")} ${rule.what}`,
    `${label("Why.")} ${rule.why}`,
    label("Bad:"),
    block("dockerfile", rule.bad),
    label("Good:"),
    block("dockerfile", rule.good),
    label("What will be printed in the end:"),
    block("text", rule.failure),
    `${label("What it does not see.")} ${rule.blind}`,
  ].join("\n\n");
}

/** A finding of that rule that is meant so: the comment that says it. */
export function ignoreComment(rule: string): string {
  return `# transship: ignore ${rule} because REASON`;
}
