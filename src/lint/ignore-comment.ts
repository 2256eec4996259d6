/** `# transship: ignore R7 because …`: what a project puts up with in the instruction below, with its reason. */
import type { Instruction } from "../dockerfile/instruction.ts";
import type { Range } from "../dockerfile/range.ts";
import type { Dockerfile } from "../dockerfile/syntax.ts";
import type { LintFinding } from "./inspect.ts";
import { rules as allRules } from "./rules.ts";

interface IgnoreComment {
  readonly rules: readonly string[];
  readonly reason: string;
  readonly range: Range;
  /** The lines that it holds for: of the instruction that it stands in or before. */
  readonly from: number;
  readonly to: number;
}

const ruleIds: ReadonlySet<string> = new Set(allRules.map(({ id }) => id));

const form = /^\s*#\s*transship:\s*ignore\b\s*(.*?)\s*$/i;
const content = /^(R\d+(?:[\s,]+R\d+)*)\s*(?:\bbecause\b\s*(.*))?$/i;

/** The findings without those that are ignored, and with what is wrong with the comments. `elsewhere` gives those of platforms that were not asked for. */
export function applyIgnores(
  text: string,
  dockerfile: Dockerfile,
  {
    findings,
    elsewhere,
  }: {
    readonly findings: readonly LintFinding[];
    readonly elsewhere: () => readonly LintFinding[];
  },
): readonly LintFinding[] {
  const comments = commentsIn(text, dockerfile);
  if (comments.length === 0) return findings;
  const { rest, used } = ignoredAmong(findings, comments, dockerfile);
  const isAllUsed = comments.every((one) => unusedOf(one, used).length === 0);
  const others = isAllUsed ? [] : ignoredAmong(elsewhere(), comments, dockerfile).used;
  const anywhere = new Set([...used, ...others]);
  return [...rest, ...comments.flatMap((one) => faultsOf(one, anywhere))];
}

function ignoredAmong(
  findings: readonly LintFinding[],
  comments: readonly IgnoreComment[],
  dockerfile: Dockerfile,
) {
  const used = new Set<string>();
  const byEnd = Map.groupBy(
    comments.filter(({ reason }) => reason !== ""),
    ({ to }) => to,
  );
  const rest = findings.filter(({ rule, range: { line } }) => {
    const end = instructionAt(dockerfile, line)?.range.endLine ?? line;
    const comment = byEnd.get(end)?.find(({ rules, from }) => rules.includes(rule) && line >= from);
    if (comment !== undefined) used.add(`${comment.range.line} ${rule}`);
    return comment === undefined;
  });
  return { rest, used };
}

function unusedOf({ rules: named, range }: IgnoreComment, used: ReadonlySet<string>) {
  return named.filter((rule) => !used.has(`${range.line} ${rule}`));
}

function faultsOf(comment: IgnoreComment, used: ReadonlySet<string>): readonly LintFinding[] {
  const { rules, reason, range } = comment;
  const fault = { rule: "ignore", range, platforms: [] } as const;
  const how = `Write: # transship: ignore ${rules.join(" ") || "R7"} because REASON`;
  if (rules.length === 0) {
    const message = "This comment names no rule to ignore.";
    return [{ ...fault, severity: "error", message, hint: how }];
  }
  if (reason === "") {
    const message = `This comment gives no reason, so ${rules.join(", ")} is not ignored.`;
    return [{ ...fault, severity: "error", message, hint: how }];
  }
  const strange = rules.filter((rule) => !ruleIds.has(rule));
  if (strange.length > 0) {
    const message = `There is no rule ${strange.join(", ")}.`;
    const hint = `The rules are ${[...ruleIds][0]} to ${[...ruleIds].at(-1)}: docs/lint.`;
    return [{ ...fault, severity: "warning", message, hint }];
  }
  const unused = unusedOf(comment, used);
  if (unused.length === 0) return [];
  const names = unused.join(", ");
  const message = `There is nothing to ignore here for ${names}.`;
  return [{ ...fault, severity: "warning", message, hint: `Take ${names} out of the comment.` }];
}

function commentsIn(text: string, dockerfile: Dockerfile): readonly IgnoreComment[] {
  if (!text.includes("transship:")) return [];
  return text.split("\n").flatMap((line, index) => {
    const found = form.exec(line.replace(/\r$/, ""));
    if (found === null) return [];
    const [, rules = "", reason = ""] = content.exec(found[1] ?? "") ?? [];
    const number = index + 1;
    const column = line.length - line.trimStart().length + 1;
    const range = { line: number, column, endLine: number, endColumn: line.trimEnd().length + 1 };
    const below = instructionAt(dockerfile, number)?.range;
    return [
      {
        rules: rules.split(/[\s,]+/).flatMap((rule) => (rule === "" ? [] : [rule.toUpperCase()])),
        reason,
        range,
        from: number,
        to: below?.endLine ?? number,
      },
    ];
  });
}

/** The instruction that the line belongs to, or else the next one. */
function instructionAt({ instructions }: Dockerfile, line: number): Instruction | undefined {
  let [low, high] = [0, instructions.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((instructions[middle]?.range.endLine ?? line) < line) low = middle + 1;
    else high = middle;
  }
  return instructions[low];
}
