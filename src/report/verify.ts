/** The result of `verify`, for people and for machines. */
import { isDigest, shortDigest } from "../oci/digest.ts";
import type { Explanation } from "../verify/explain.ts";
import type { Finding } from "../verify/finding.ts";
import type { PlatformVerdict, VerifyResult } from "../verify/verify.ts";
import type { Style } from "./style.ts";

const marks = { proven: "✓", refuted: "✗", unproven: "?" } as const;
const colours = { proven: "green", refuted: "red", unproven: "yellow" } as const;

/** The verdict, then each platform with what stands behind it, then what to type next. */
export function verifyText(result: VerifyResult, style: Style): string {
  const { verdict, platforms, findings, explanations } = result;
  const mark = style(colours[verdict], `${marks[verdict]} ${verdict}`);
  return [
    `${mark}  ${conclusion(result, style)}`,
    ...platforms.flatMap((one) => platformLines(one, style)),
    ...findings.flatMap((finding) => findingLines(finding, style)),
    ...explanations.flatMap((one) => explanationLines(one, style)),
    ...next(result),
  ].join("\n");
}

/** The verdict of one platform, its findings, and what was not decided. */
export function platformLines(
  { platform, verdict, label, program, findings, waived, unproven }: PlatformVerdict,
  style: Style,
): readonly string[] {
  const mark = style(colours[verdict], `${marks[verdict]} ${verdict}`);
  const starts = program === undefined ? "" : `, starts ${program}`;
  return [
    `${mark}  ${style("bold", platform)}  labelled ${label.architecture}/${label.os}${starts}`,
    ...findings.flatMap((finding) => findingLines(finding, style)),
    ...waived.map(({ rule, path = "", waived: { reason, until } }) =>
      style("dim", `    waived[${rule}] ${path} until ${until}: ${reason}`),
    ),
    ...unproven.map((text) => style("dim", `    not decided: ${text}`)),
  ];
}

/** What will be printed, then why, where it comes from, and what to do. */
function findingLines(finding: Finding, style: Style): readonly string[] {
  const { rule, severity, message, prediction, fix } = finding;
  const colour = severity === "error" ? "red" : "yellow";
  const origin = originLine(finding);
  return [
    `    ${style(colour, `${severity}[${rule}]`)} ${prediction ?? message}`,
    ...(prediction === undefined ? [] : [`      ${message}`]),
    ...(origin === "" ? [] : [style("dim", `      ${origin}`)]),
    ...(fix === undefined ? [] : [`      → ${fix}`]),
  ];
}

function originLine({ path, layer, instruction }: Finding): string {
  const digest = layer !== undefined && isDigest(layer) ? shortDigest(layer) : layer;
  return [
    path,
    ...(digest === undefined ? [] : [`layer ${digest}`]),
    ...(instruction === undefined ? [] : [`made by ${instruction}`]),
  ]
    .filter((part) => part !== undefined)
    .join(", ");
}

function explanationLines({ platform, program, steps }: Explanation, style: Style) {
  return [
    `How ${style("bold", program)} starts on ${platform}:`,
    ...steps.map((step) => `  ${step}`),
  ];
}

const read = {
  store: "the store",
  layout: "its layout",
  archive: "its archive",
  engine: "the engine",
  registry: "its registry",
} as const;

function conclusion({ subject, verdict, platforms, image }: VerifyResult, style: Style): string {
  const bold = style("bold", subject);
  const from = `read from ${read[image.from]}`;
  switch (verdict) {
    case "proven":
      return `${bold} will load and start as what it says it is (${from}).`;
    case "refuted":
      return `${bold} will not run as what it says it is (${from}).`;
    case "unproven":
      return platforms.length === 0
        ? `${bold} has no platform that could be looked at (${from}).`
        : `${bold}: nothing speaks against it, and not everything could be decided (${from}).`;
  }
}

/** Only the engine can run it; who wants to know how a program comes to its libraries can ask. */
function next({ subject, image, verdict, platforms, explanations }: VerifyResult) {
  const isLoad = platforms.some(({ findings }) =>
    findings.some(({ rule, severity }) => severity === "error" && rule.startsWith("library-")),
  );
  const [program] = platforms.flatMap((one) => one.program ?? []);
  if (isLoad && program !== undefined && explanations.length === 0)
    return [`See each step: transship verify ${subject} --explain ${program}`];
  const isEngines = image.from === "engine" || image.from === "store";
  return verdict !== "refuted" && isEngines ? [`Next: transship test ${subject}`] : [];
}

export function verifyDocument(result: VerifyResult): Readonly<Record<string, unknown>> {
  const { verdict, image, platforms, findings, explanations } = result;
  return {
    verdict,
    image,
    platforms,
    findings,
    ...(explanations.length === 0 ? {} : { explanations }),
  };
}
