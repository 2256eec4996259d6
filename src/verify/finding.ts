/** What a rule saw. */

export type Severity = "error" | "warning" | "note";

export interface Finding {
  /** `label`, `entrypoint-machine`: permanent, scripts may depend on it. */
  readonly rule: string;
  readonly severity: Severity;
  /** One sentence. */
  readonly message: string;
  /** The path in the image that it is about. */
  readonly path?: string;
  /** The digest of the layer that brought it. */
  readonly layer?: string;
  /** The instruction of the Dockerfile that made that layer. */
  readonly instruction?: string;
  /** The sentence that the kernel, the loader or the engine will print. */
  readonly prediction?: string;
  /** What was read, for who wants to check. */
  readonly evidence?: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** One thing that could not be decided, or was not looked at, in a sentence. */
export type Unproven = string;

export type Verdict = "proven" | "refuted" | "unproven";

/** Files as evidence: the first ten. */
export function evidenceOf(files: readonly { readonly path: string }[]): string {
  return files
    .slice(0, 10)
    .map(({ path }) => path)
    .join(", ");
}

/** An error refutes; what was not decided leaves unproven. */
export function verdictOf(findings: readonly Finding[], unproven: readonly Unproven[]): Verdict {
  if (findings.some(({ severity }) => severity === "error")) return "refuted";
  return unproven.length > 0 ? "unproven" : "proven";
}

/** The worst of several: one refuted platform refutes the image. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("refuted")) return "refuted";
  return verdicts.length === 0 || verdicts.includes("unproven") ? "unproven" : "proven";
}
