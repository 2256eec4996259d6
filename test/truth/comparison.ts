/** The verdict held against the truth. */
import type { TransshipError } from "../../src/errors.ts";
import type { VerifyResult } from "../../src/verify/verify.ts";
import type { Case, Truth } from "./case.ts";
import type { Judged } from "./judge.ts";
import { isPrinted } from "./wording.ts";

/** A verdict, or the error that says why there is none. */
export type Told = VerifyResult | TransshipError;

export interface Compared {
  readonly name: string;
  readonly verdict: VerifyResult["verdict"] | "error";
  /** The sentences of the error findings. */
  readonly predictions: readonly string[];
  /** What could not be decided, or why there is no verdict. */
  readonly reasons: readonly string[];
  readonly judged: Judged;
  /** Whether it happened as the case says: else the corpus is wrong. */
  readonly isAsExpected: boolean;
  /** Why verdict and truth do not agree, in a sentence. */
  readonly disagreement?: string;
}

type Asked = Pick<Case, "name" | "truth" | "tries" | "config" | "anyWords">;

/** *proven* must start; *refuted* must not, and one of its sentences must be printed. */
export function compare(one: Asked, told: Told, judged: Judged): Compared {
  const common = { name: one.name, judged, isAsExpected: isAsExpected(one, judged) };
  if (told instanceof Error) {
    const reasons = [`${told.code}: ${told.message}`];
    const wrong = judged.starts ? { disagreement: "an error, and it starts" } : {};
    return { ...common, verdict: "error", predictions: [], reasons, ...wrong };
  }
  const { verdict, platforms } = told;
  const findings = [...told.findings, ...platforms.flatMap((platform) => platform.findings)];
  const errors = findings.filter(({ severity }) => severity === "error");
  const predictions = errors.flatMap(({ prediction }) => prediction ?? []);
  const isSaid = predictions.some((sentence) => isPrinted(sentence, judged.words, programOf(one)));
  const disagreement = disagreementOf(verdict, judged, isSaid || one.anyWords === true);
  return {
    ...common,
    verdict,
    predictions,
    reasons: platforms.flatMap(({ unproven }) => unproven),
    ...(disagreement === undefined ? {} : { disagreement }),
  };
}

function disagreementOf(
  verdict: VerifyResult["verdict"],
  judged: Judged,
  isSaid: boolean,
): string | undefined {
  if (verdict === "unproven") return undefined;
  if (verdict === "proven") return judged.starts ? undefined : "proven, and it does not start";
  if (judged.starts) return "refuted, and it starts";
  return isSaid ? undefined : "refuted in words that are not printed";
}

/** Whether a case shows what it was made to show. */
export function isAsExpected(
  one: { readonly truth: Truth } & Pick<Case, "tries" | "config">,
  judged: Judged,
): boolean {
  if ("prints" in one.truth) return judged.starts && judged.words.includes(one.truth.prints);
  return !judged.starts && isPrinted(one.truth.fails, judged.words, programOf(one));
}

/** The name under which the program is started. */
function programOf({ tries, config }: Pick<Case, "tries" | "config">): string {
  return (tries ?? [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])])[0] ?? "";
}

/** One line a case, for people. */
export function rowOf({
  name,
  verdict,
  predictions,
  reasons,
  judged,
  disagreement,
}: Compared): string {
  const truth = `${judged.exitCode ?? "not started"}: ${judged.words.trim().replaceAll("\n", " / ")}`;
  const said = [...predictions, ...reasons].join("; ");
  return `${name} | ${disagreement ?? verdict} | ${verdict}: ${said} | ${truth}`;
}

/** The numbers of a trial in one line. */
export function summaryOf(compared: readonly Compared[]): string {
  const count = (verdict: Compared["verdict"]) =>
    compared.filter((one) => one.verdict === verdict).length;
  const numbers = (["proven", "refuted", "unproven", "error"] as const).map(
    (verdict) => `${count(verdict)} ${verdict}`,
  );
  const wrong = compared.filter(({ disagreement }) => disagreement !== undefined).length;
  return `${compared.length} cases: ${numbers.join(", ")}; ${wrong} disagreements`;
}
