/** Carries out the edits of findings: a text and what speaks against it in, the mended text out. A function of its input. */
import type { LintFinding } from "./inspect.ts";
import { leavesTheRest } from "./rest.ts";
import { createSplices, type Places, placesIn, type Splice, spliced } from "./splice.ts";

interface Fixed {
  readonly text: string;
  /** What was mended, each with its place in the text that it was found in. */
  readonly fixed: readonly LintFinding[];
}

export interface FixedDockerfile extends Fixed {
  /** What spoke against the text as it was. */
  readonly found: readonly LintFinding[];
  /** What remains. */
  readonly findings: readonly LintFinding[];
}

/** One fix may lay open the next. More rounds than these only a rule wants that undoes another's work. */
const mostRounds = 10;

/** Mends what has one safe answer until there is no more of it. */
export function fixDockerfile(
  text: string,
  inspect: (text: string) => readonly LintFinding[],
): FixedDockerfile {
  const found = inspect(text);
  let current = { text, findings: found };
  const fixed: LintFinding[] = [];
  const useless = new Set<string>();
  for (let round = 0; round < mostRounds; round += 1) {
    const candidates = current.findings.filter(({ rule }) => !useless.has(rule));
    const next = applyFixes(current.text, candidates);
    if (next.text === current.text) break;
    const findings = inspect(next.text);
    const failed = withoutEffect(next.fixed, current.findings, findings);
    for (const rule of failed) useless.add(rule);
    if (failed.length > 0) continue;
    current = { text: next.text, findings };
    fixed.push(...next.fixed);
  }
  return { ...current, found, fixed };
}

/** The rules that find as much as before they were obeyed: to do it again would not help either. */
function withoutEffect(
  fixed: readonly LintFinding[],
  before: readonly LintFinding[],
  after: readonly LintFinding[],
): readonly string[] {
  const rules = [...new Set(fixed.map(({ rule }) => rule))];
  return rules.filter((rule) => countOf(rule, after) >= countOf(rule, before));
}

function countOf(name: string, findings: readonly LintFinding[]): number {
  return findings.filter(({ rule }) => rule === name).length;
}

/**
 * Carries out the edits of the findings in one go: all of a finding's or none, the same edit of several findings once. A finding whose edits
 * collide with those of one before it is left for the next time, and one whose edits change what other instructions are for ever.
 */
export function applyFixes(text: string, findings: readonly LintFinding[]): Fixed {
  const places = placesIn(text);
  const taken = createSplices();
  const candidates = findings.flatMap((finding): readonly Candidate[] => {
    const splices = splicesOf(finding, places);
    const isTaken = splices.length > 0 && taken.add(splices);
    return isTaken ? [{ finding, splices }] : [];
  });
  const sound = soundOnes(text, candidates);
  return {
    text: spliced(text, listOf(sound)),
    fixed: sound.map(({ finding }) => finding),
  };
}

interface Candidate {
  readonly finding: LintFinding;
  readonly splices: readonly Splice[];
}

/** None where one of its edits lies outside of the text. */
function splicesOf({ edits = [] }: LintFinding, places: Places): readonly Splice[] {
  const splices = edits.flatMap((edit) => {
    const stretch = places.stretchOf(edit.range);
    return stretch === undefined ? [] : [{ ...stretch, text: places.writtenBy(edit) }];
  });
  return splices.length === edits.length ? splices : [];
}

/** Those that leave all other instructions as they are, looked for by halves. */
function soundOnes(text: string, candidates: readonly Candidate[]): readonly Candidate[] {
  if (isSound(text, candidates)) return candidates;
  if (candidates.length === 1) return [];
  const middle = Math.ceil(candidates.length / 2);
  const first = soundOnes(text, candidates.slice(0, middle));
  const both = [...first, ...soundOnes(text, candidates.slice(middle))];
  return isSound(text, both) ? both : first;
}

function isSound(text: string, candidates: readonly Candidate[]): boolean {
  return candidates.length === 0 || leavesTheRest(text, listOf(candidates));
}

function listOf(candidates: readonly Candidate[]): readonly Splice[] {
  const all = createSplices();
  for (const { splices } of candidates) all.add(splices);
  return all.list;
}
