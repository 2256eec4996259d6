/** What is told beside what the rules find: what no builder takes, and what no rule looked at. */
import { expandIn } from "../dockerfile/scope.ts";
import { listed } from "../build-context/listed.ts";
import type { Problem } from "../dockerfile/problem.ts";
import type { Range } from "../dockerfile/range.ts";
import type { LintFinding } from "./inspect.ts";
import type { TargetView } from "./view.ts";

function refusal(message: string, range: Range, platforms: readonly string[] = []): LintFinding {
  return {
    rule: "syntax",
    severity: "error",
    range,
    message: `No builder takes this: ${message}.`,
    hint: "Mend it; the rules looked at the rest.",
    platforms,
  };
}

/** What keeps the parser from a file, or from a part of it. */
export function problemFinding({ kind, message, range }: Problem): LintFinding {
  const found = refusal(message, range);
  if (kind === "too-large") {
    const hint = "Look whether it is a Dockerfile; no rule looked at it.";
    return { ...found, message: `This is more than lint reads: ${message}.`, hint };
  }
  const isAll = kind === "binary" || kind === "line-too-long";
  return isAll ? { ...found, hint: "Mend it first: no rule looked at the file." } : found;
}

export function notLookedAt(
  what: string,
  why: string,
  range: Range,
  platforms: readonly string[] = [],
): LintFinding {
  return {
    rule: "syntax",
    severity: "warning",
    range,
    message: `${what} looked at this Dockerfile: ${why}.`,
    hint: "Make it of several, each with its own image.",
    platforms,
  };
}

/** What stages start and copy from, and cannot: by itself, a later one, no image's name. That a variable has no value says nothing. */
export function besideRules(
  { dockerfile, stages, globals, problem, tiredAt }: TargetView,
  {
    target,
    platforms,
  }: { readonly target: string | undefined; readonly platforms: readonly string[] },
): readonly LintFinding[] {
  if (problem !== undefined && target !== undefined) {
    const top = { line: 1, column: 1, endLine: 1, endColumn: 1 };
    const names = dockerfile.stages.flatMap(({ name }) => name ?? []);
    const hint =
      names.length === 0 ? "It names none of its stages." : `Its stages are ${listed(names)}.`;
    return [{ ...refusal(problem, top, platforms), hint }];
  }
  const why = "its scripts from here on are more than is gone through";
  const rest = tiredAt === undefined ? [] : [notLookedAt("Not all rules", why, tiredAt, platforms)];
  const unresolved = stages.flatMap(({ resolved: { base, sources, stage } }) => {
    const isKnown = expandIn(globals, stage.image.text, dockerfile).missing.size === 0;
    const from =
      base.kind === "unresolved" && isKnown
        ? [refusal(base.reason, stage.image.range, platforms)]
        : [];
    const copied = sources.flatMap((source) =>
      source.base.kind === "unresolved"
        ? [refusal(source.base.reason, source.range, platforms)]
        : [],
    );
    return [...from, ...copied];
  });
  return [...unresolved, ...rest];
}
