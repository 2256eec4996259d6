/** The result of `test`, for people and for machines. */
import type { Check, TestResult } from "../compat/compat.ts";
import { formatPlatform } from "../platform/platform.ts";
import { statusMark } from "./mark.ts";
import type { Style } from "./style.ts";

/** How it ran, one line a category, then how many of the seven passed. */
export function testText(result: TestResult, style: Style): string {
  const { image, platform, checks } = result;
  const width = Math.max(...checks.map(({ id }) => id.length));
  return [
    `${style("bold", image)} on ${formatPlatform(platform)}, ${executionOf(result)}`,
    ...checks.flatMap((check) => checkLines(check, width, style)),
    conclusion(result, style),
  ].join("\n");
}

function executionOf({ emulated, emulator }: TestResult): string {
  if (!emulated) return "native";
  return `emulated by ${emulator ?? "an emulator that cannot be named"}`;
}

function checkLines({ id, status, detail, ms }: Check, width: number, style: Style) {
  const [first = "", ...rest] = detail.split("\n");
  const time = status === "skip" ? "" : style("dim", ` (${ms} ms)`);
  return [
    `${statusMark(status, style)} ${id.padEnd(width)}  ${first}${time}`,
    ...rest.map((line) => `  ${" ".repeat(width)}  ${line}`),
  ];
}

/** "7/7" is printed for seven passes only. */
function conclusion({ verdict, checks, image }: TestResult, style: Style): string {
  const count = (status: Check["status"]) =>
    checks.filter((check) => check.status === status).length;
  const [passed, failures, skipped] = [count("pass"), count("fail"), count("skip")];
  if (passed === checks.length)
    return style("green", `${passed}/${checks.length} passed: ${image} is compatible.`);
  const words = [`${passed} passed`, `${failures} failed`, `${skipped} skipped`].join(", ");
  return verdict === "passed"
    ? `${words}: nothing failed, and not everything was looked at.`
    : style("red", `${words}.`);
}

export function testDocument(result: TestResult): Readonly<Record<string, unknown>> {
  const { image, platform, verdict, emulated, emulator, checks } = result;
  return {
    image,
    verdict,
    platform: formatPlatform(platform),
    emulated,
    ...(emulator === undefined ? {} : { emulator }),
    checks,
  };
}
