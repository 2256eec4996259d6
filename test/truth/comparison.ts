/** The verdict held against the truth. */
import type { VerifyResult } from "../../src/verify/verify.ts";
import type { Case } from "./case.ts";
import type { Judged } from "./judge.ts";
import { isPrinted } from "./wording.ts";

export interface Compared {
  readonly one: Case;
  readonly verdict: VerifyResult["verdict"];
  /** The sentences of the error findings. */
  readonly predictions: readonly string[];
  readonly judged: Judged;
  /** Why the two do not agree, in a sentence. */
  readonly disagreement?: string;
  /** What could not be decided. */
  readonly unproven: readonly string[];
}

/** *proven* must start as the case says; *refuted* must not, and must have said what is printed. */
export function compare(one: Case, result: VerifyResult, judged: Judged): Compared {
  const findings = [
    ...result.findings,
    ...result.platforms.flatMap((platform) => platform.findings),
  ];
  const predictions = findings
    .filter(({ severity }) => severity === "error")
    .flatMap(({ prediction }) => prediction ?? []);
  const { verdict } = result;
  const disagreement = disagreementOf({ one, verdict, predictions, judged });
  return {
    one,
    verdict,
    predictions,
    judged,
    ...(disagreement === undefined ? {} : { disagreement }),
    unproven: result.platforms.flatMap((platform) => platform.unproven),
  };
}

function disagreementOf(
  told: Pick<Compared, "one" | "verdict" | "predictions" | "judged">,
): string | undefined {
  const { one, verdict, predictions, judged } = told;
  if (verdict === "unproven") return undefined;
  if (verdict === "proven") return judged.starts ? undefined : "proven, and it does not start";
  if (judged.starts) return "refuted, and it starts";
  const [program = ""] = one.tries ?? commandOf(one);
  const isSaid = predictions.some((sentence) => isPrinted(sentence, judged.words, program));
  return isSaid ? undefined : "refuted with words that are not printed";
}

/** Whether the case shows what it was made to show: otherwise the corpus is wrong. */
export function isAsExpected({ truth, tries, config }: Case, judged: Judged): boolean {
  if ("prints" in truth) return judged.starts && judged.words.includes(truth.prints);
  const [program = ""] = tries ?? commandOf({ config });
  return !judged.starts && isPrinted(truth.fails, judged.words, program);
}

function commandOf({ config }: Pick<Case, "config">): readonly string[] {
  return [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
}
