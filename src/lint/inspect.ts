/** Looks at the text of one Dockerfile: its syntax, and each rule on each platform. A function of its input. */
import type { Range } from "../dockerfile/range.ts";
import type { BuildRequest } from "../dockerfile/scope.ts";
import { type Dockerfile, parseDockerfile } from "../dockerfile/syntax.ts";
import {
  formatPlatform,
  parsePlatform,
  type Platform,
  samePlatform,
} from "../platform/platform.ts";
import { applyIgnores } from "./ignore-comment.ts";
import { excessIn } from "./limit.ts";
import { rules } from "./rules.ts";
import type { Finding, RuleId } from "./rules/rule.ts";
import { besideRules, notLookedAt, problemFinding } from "./beside-rules.ts";
import { type Beside, viewOf } from "./view.ts";

export interface LintFinding extends Finding {
  /** `syntax` for what no builder takes, `ignore` for a comment that ignores nothing or gives no reason, `buildkit/…` for BuildKit's own. */
  readonly rule: RuleId | "syntax" | "ignore" | `buildkit/${string}`;
  /** The platforms that it holds on, as far as they were asked for; empty where it does on each. */
  readonly platforms: readonly string[];
}

/** Of what is known beside the Dockerfile, rules say nothing where it is not given. */
export interface InspectOptions extends Beside {
  readonly platforms: readonly Platform[];
  readonly buildArgs?: ReadonlyMap<string, string>;
  /** The stage that is built; the last where none is named. */
  readonly target?: string;
  /** `--build-context`: what takes the place of stages and images. */
  readonly buildContexts?: ReadonlyMap<string, string>;
  /** The machine that builds for a platform; one of another architecture where none is named. */
  readonly builderFor?: (target: Platform) => Platform;
}

/** What speaks against it, in the order of the file. */
export function inspectDockerfile(text: string, options: InspectOptions): readonly LintFinding[] {
  const dockerfile = parseDockerfile(text);
  const excess = excessIn(dockerfile);
  const problems = dockerfile.problems.map(problemFinding);
  if (excess !== undefined) {
    const { message, range } = excess;
    return inOrder([...problems.slice(0, mostProblems), notLookedAt("No rule", message, range)]);
  }
  const findings = [
    ...problems,
    ...merged(findingsIn(dockerfile, options), options.platforms.length),
  ];
  const elsewhere = () =>
    findingsIn(dockerfile, { ...options, platforms: usual.filter(isNoneOf(options.platforms)) });
  return inOrder(applyIgnores(text, dockerfile, { findings, elsewhere }));
}

/** Those that are looked at where none is named. */
const usual: readonly Platform[] = ["linux/amd64", "linux/arm64"].map(parsePlatform);

function isNoneOf(platforms: readonly Platform[]): (one: Platform) => boolean {
  return (one) => !platforms.some((other) => samePlatform(one, other));
}

/** Of a file that is too large to be a Dockerfile no more are told. */
const mostProblems = 100;

/** In the order of the file. */
export function inOrder(findings: readonly LintFinding[]): readonly LintFinding[] {
  return findings.toSorted(
    (one, other) => one.range.line - other.range.line || one.range.column - other.range.column,
  );
}

function findingsIn(dockerfile: Dockerfile, options: InspectOptions): readonly LintFinding[] {
  const { platforms, target, context, texts, lacking, offered } = options;
  return platforms.flatMap((targetPlatform) => {
    const view = viewOf(dockerfile, requestFor(targetPlatform, options), {
      context,
      texts,
      lacking,
      offered,
    });
    const platform = formatPlatform(targetPlatform);
    const found = rules.flatMap((rule) =>
      rule.check(view).map((finding) => foundBy(rule.id, finding, [platform])),
    );
    return [besideRules(view, { target, platforms: [platform] }), found].flat();
  });
}

/** As the machine that was named builds it, else one of another architecture than the target's. */
export function requestFor(
  targetPlatform: Platform,
  {
    buildArgs,
    buildContexts,
    target,
    builderFor = otherMachine,
  }: Pick<InspectOptions, "buildArgs" | "buildContexts" | "target" | "builderFor">,
): BuildRequest {
  return {
    buildPlatform: builderFor(targetPlatform),
    targetPlatform,
    ...(buildArgs === undefined ? {} : { buildArgs }),
    ...(buildContexts === undefined ? {} : { buildContexts }),
    ...(target === undefined ? {} : { target }),
  };
}

function foundBy(rule: RuleId, finding: Finding, platforms: readonly string[]): LintFinding {
  return { ...finding, rule, platforms };
}

/** A machine to build on that is not the target's own: only there does it show what is whose. */
function otherMachine({ architecture }: Platform): Platform {
  return parsePlatform(architecture === "amd64" ? "linux/arm64" : "linux/amd64");
}

/** The same on several platforms is one finding. */
function merged(findings: readonly LintFinding[], platformCount: number): readonly LintFinding[] {
  const byPlace = new Map<string, LintFinding>();
  for (const finding of findings) {
    const key = `${finding.rule} ${placeOf(finding.range)}`;
    const known = byPlace.get(key);
    const platforms = [...new Set([...(known?.platforms ?? []), ...finding.platforms])];
    const severity = known?.severity === "error" ? "error" : finding.severity;
    byPlace.set(key, { ...(known ?? finding), severity, platforms });
  }
  return [...byPlace.values()].map((finding) => told(finding, platformCount));
}

/** Without platforms where it holds on all, and with the place in a script in words: of that nothing is mended from here. */
function told(finding: LintFinding, platformCount: number): LintFinding {
  const platforms = finding.platforms.length === platformCount ? [] : finding.platforms;
  const { within, ...range } = finding.range;
  if (within === undefined) return { ...finding, platforms };
  const { edits: _edits, ...rest } = finding;
  return { ...rest, range, platforms, message: `In ${within}: ${finding.message}` };
}

function placeOf({ line, column, endLine, endColumn, within = "" }: Range): string {
  return [line, column, endLine, endColumn, within].join(":");
}
