/** The result of `build`, of one image or of a project's several, for people and for machines. */
import type { BuildResult } from "../build/build.ts";
import type { ServiceOutcome } from "../build/services.ts";
import { type ExitCode, exitCodes } from "../errors.ts";
import type { Verdict } from "../verify/verify.ts";
import { buildDocument, buildText } from "./build.ts";
import { statusMark } from "./mark.ts";
import type { Style } from "./style.ts";

export interface ProjectResult {
  readonly project: string;
  /** The compose files that were read. */
  readonly files: readonly string[];
  readonly outcomes: readonly ServiceOutcome[];
}

/** One service reads as one image does; of several each has its heading, and the end counts them. */
export function servicesText(result: BuildResult | ProjectResult, style: Style): string {
  if (!("outcomes" in result)) return buildText(result, style);
  const { outcomes } = result;
  const [first, second] = outcomes;
  if (second === undefined) return first?.kind === "done" ? buildText(first.result, style) : "";
  const planned = outcomes.every((one) => stateOf(one) === "planned");
  if (planned) return "Nothing was built (--dry-run).";
  const built = outcomes.filter((one) => stateOf(one) === "built").length;
  const end = `${built} of ${outcomes.length} services of ${result.project} are built.`;
  return [...outcomes.map((one) => serviceText(one, style)), end].join("\n");
}

function serviceText(outcome: ServiceOutcome, style: Style): string {
  const name = style("bold", outcome.service);
  switch (outcome.kind) {
    case "done":
      return `${name} (${outcome.result.image})\n${indented(buildText(outcome.result, style))}`;
    case "failed":
      return `${name}\n  ${statusMark("fail", style)} failed: ${outcome.error.code}`;
    case "skipped":
      return `${name}\n  ${statusMark("skip", style)} not built: ${outcome.reason}`;
  }
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, "  ");
}

/** Of a project always `images[]`; of one service, and of an image without a project, the image's keys at the top. */
export function servicesDocument(
  result: BuildResult | ProjectResult,
): Readonly<Record<string, unknown>> {
  if (!("outcomes" in result)) return buildDocument(result);
  const { project, files, outcomes } = result;
  const images = outcomes.map(imageDocument);
  const [first, second] = outcomes;
  const single = second === undefined && first?.kind === "done" ? buildDocument(first.result) : {};
  const whole = { outcome: worstState(outcomes), verdict: worstVerdict(outcomes) };
  return { project, files, ...whole, ...single, images };
}

function imageDocument(outcome: ServiceOutcome): Readonly<Record<string, unknown>> {
  const { service } = outcome;
  switch (outcome.kind) {
    case "done":
      return { service, ...buildDocument(outcome.result) };
    case "failed": {
      const { code, message, hint, facts } = outcome.error;
      return { service, outcome: "failed", error: { code, message, hint, facts } };
    }
    case "skipped":
      return { service, outcome: "skipped", reason: outcome.reason };
  }
}

function stateOf(outcome: ServiceOutcome): BuildResult["outcome"] | "failed" | "skipped" {
  return outcome.kind === "done" ? outcome.result.outcome : outcome.kind;
}

function worstState(outcomes: readonly ServiceOutcome[]): string {
  const states = new Set(outcomes.map(stateOf));
  const order = ["failed", "refuted", "skipped", "planned", "built"] as const;
  return order.find((state) => states.has(state)) ?? "built";
}

/** What was not built is not proven. */
function worstVerdict(outcomes: readonly ServiceOutcome[]): Verdict {
  const verdicts = new Set<Verdict>(
    outcomes.map((one) => (one.kind === "done" ? one.result.verdict : "unproven")),
  );
  const order: readonly Verdict[] = ["refuted", "unproven", "proven"];
  return order.find((one) => verdicts.has(one)) ?? "unproven";
}

/** The worst of its images': the machine's failures before an image that is refuted or fails, that before one that is unproven. */
export function servicesExit(
  result: BuildResult | ProjectResult,
  { strict }: { readonly strict: boolean },
): ExitCode {
  if (!("outcomes" in result)) return buildExit(result, strict);
  const codes = result.outcomes.map((one) => {
    if (one.kind === "skipped") return exitCodes.done;
    return one.kind === "failed" ? one.error.exitCode : buildExit(one.result, strict);
  });
  const mild: readonly ExitCode[] = [exitCodes.failed, exitCodes.unproven, exitCodes.done];
  const worst = codes.find((code) => !mild.includes(code));
  return worst ?? mild.find((code) => codes.includes(code)) ?? exitCodes.done;
}

function buildExit({ outcome, verdict }: BuildResult, isStrict: boolean): ExitCode {
  if (outcome === "refuted") return exitCodes.failed;
  const isOpen = outcome === "built" && verdict === "unproven";
  return isOpen && isStrict ? exitCodes.unproven : exitCodes.done;
}
