/** What is wrong with the loading of a program, in the loader's words. */
import type { Finding, Severity } from "../finding.ts";
import { type Origin, originOf } from "../origin.ts";
import { cpuLevel } from "../rules/cpu-level.ts";
import { libraryMissing } from "../rules/library-missing.ts";
import { libraryUnusable } from "../rules/library-unusable.ts";
import { symbolMissing } from "../rules/symbol-missing.ts";
import { versionMissing } from "../rules/version-missing.ts";
import type { LoadProblem } from "./load.ts";

const rules = {
  "library-missing": libraryMissing,
  "library-unusable": libraryUnusable,
  "version-missing": versionMissing,
  "symbol-missing": symbolMissing,
  "cpu-level": cpuLevel,
};

export function loadFinding(
  problem: LoadProblem,
  severity: Severity,
  origins: readonly Origin[],
): Finding {
  const { rule, message, sentence, at, by, wants, skipped = [] } = problem;
  const blamed = at ?? by;
  return {
    rule,
    severity,
    message,
    path: blamed.path,
    ...originOf(origins, blamed.node),
    prediction: sentence,
    evidence: [
      `${by.path} asks for ${wants}`,
      ...skipped.map((one) => `${one.path}: ${one.why}`),
    ].join("; "),
    fix: rules[rule].fix,
  };
}
