/** The result of `verify`, for people and for machines. */
import type { Finding } from "../verify/finding.ts";
import type { PlatformVerdict, VerifyResult } from "../verify/verify.ts";
import type { Style } from "./style.ts";

const marks = { proven: "✓", refuted: "✗", unproven: "?" } as const;
const colours = { proven: "green", refuted: "red", unproven: "yellow" } as const;

/** The verdict of each platform with what stands behind it, then of the whole. */
export function verifyText(result: VerifyResult, style: Style): string {
  const lines = result.platforms.flatMap((one) => platformLines(one, style));
  return [...lines, conclusion(result, style)].join("\n");
}

/** The verdict of one platform, its findings, and what was not decided. */
export function platformLines(
  { platform, verdict, label, program, findings, unproven }: PlatformVerdict,
  style: Style,
): readonly string[] {
  const mark = style(colours[verdict], `${marks[verdict]} ${verdict}`);
  const checked = program === undefined ? "" : `, ${program} is made for it`;
  return [
    `${mark}  ${style("bold", platform)}  labelled ${label.architecture}/${label.os}${checked}`,
    ...findings.flatMap((finding) => findingLines(finding, style)),
    ...(verdict === "unproven"
      ? unproven.map((text) => style("dim", `    not checked: ${text}`))
      : []),
  ];
}

function findingLines({ rule, severity, message, layer, prediction, fix }: Finding, style: Style) {
  const colour = severity === "error" ? "red" : "yellow";
  return [
    `    ${style(colour, `${severity}[${rule}]`)} ${message}`,
    ...(layer === undefined ? [] : [style("dim", `      layer ${layer}`)]),
    ...(prediction === undefined ? [] : [`      when it starts: ${prediction}`]),
    ...(fix === undefined ? [] : [`      → ${fix}`]),
  ];
}

function conclusion(result: VerifyResult, style: Style): string {
  const { subject, verdict, platforms, image } = result;
  const bold = style("bold", subject);
  const read = {
    store: "the store",
    layout: "its layout",
    archive: "its archive",
    engine: "the engine",
    registry: "its registry",
  };
  const from = `read from ${read[image.from]}`;
  switch (verdict) {
    case "proven":
      return `${bold} is proven (${from}).`;
    case "refuted":
      return `${bold} is refuted (${from}): it will not run as what it says it is.`;
    case "unproven":
      return platforms.length === 0
        ? `${bold} has no platform that could be looked at (${from}).`
        : `${bold}: nothing speaks against it, and not everything was checked (${from}).${next(result)}`;
  }
}

/** Only the engine can run it. */
function next({ subject, image }: VerifyResult): string {
  return image.from === "engine" || image.from === "store"
    ? ` Next: transship test ${subject}`
    : "";
}

export function verifyDocument(result: VerifyResult): Readonly<Record<string, unknown>> {
  const { verdict, image, platforms } = result;
  return { verdict, image, platforms };
}
