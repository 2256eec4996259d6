/** Findings that the people of a project put up with: a rule, a path, a reason and an end. */
import { globExpression } from "../glob.ts";
import type { Finding } from "./finding.ts";
import { waiverExpired } from "./rules/waiver-expired.ts";
import { waiverUnused } from "./rules/waiver-unused.ts";

export interface Waiver {
  readonly rule: string;
  /** A path of the image, with `*` (not over `/`), `**` and `?`; absent: findings of that rule without a path too. */
  readonly path?: string;
  readonly reason: string;
  /** The last day on which it holds: `2026-12-31`. */
  readonly until: string;
}

export interface WaivedFinding extends Finding {
  readonly waived: Waiver;
}

export interface Waived {
  readonly findings: readonly Finding[];
  readonly waived: readonly WaivedFinding[];
  /** Those that were needed. */
  readonly used: ReadonlySet<Waiver>;
}

/** Takes the waived findings out. `today` is a date such as `2026-11-25`. An expired waiver waives nothing. */
export function applyWaivers(
  findings: readonly Finding[],
  waivers: readonly Waiver[],
  today: string,
): Waived {
  const used = new Set<Waiver>();
  const kept: Finding[] = [];
  const waived: WaivedFinding[] = [];
  for (const finding of findings) {
    const matching = waivers.filter((waiver) => matches(waiver, finding));
    for (const one of matching) used.add(one);
    const waiver = matching.find(({ until }) => until >= today);
    if (waiver === undefined) kept.push(finding);
    else waived.push({ ...finding, waived: waiver });
  }
  return { findings: kept, waived, used };
}

/** What is wrong with the waivers themselves, after all platforms have been looked at. */
export function waiverFindings(
  waivers: readonly Waiver[],
  used: ReadonlySet<Waiver>,
  today: string,
): readonly Finding[] {
  return waivers.flatMap((waiver): readonly Finding[] => {
    const what = `The waiver of ${waiver.rule}${waiver.path === undefined ? "" : ` for ${waiver.path}`}`;
    if (!used.has(waiver)) {
      const message = `${what} matched nothing.`;
      return [{ rule: waiverUnused.id, severity: "warning", message, fix: waiverUnused.fix }];
    }
    if (waiver.until >= today) return [];
    const message = `${what} has expired on ${waiver.until} (${waiver.reason}).`;
    return [{ rule: waiverExpired.id, severity: "error", message, fix: waiverExpired.fix }];
  });
}

function matches({ rule, path }: Waiver, finding: Finding): boolean {
  if (rule !== finding.rule) return false;
  if (path === undefined) return true;
  return finding.path !== undefined && globExpression(path).test(finding.path);
}
