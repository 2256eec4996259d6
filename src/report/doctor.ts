/** The result of `doctor`, for people and for machines. */
import type { Component, DoctorResult } from "../doctor/doctor.ts";
import { describeRemains } from "../doctor/remains.ts";
import { statusMark } from "./mark.ts";
import type { Style } from "./style.ts";

/** One line a component, its fix below it; then what is left of earlier runs. */
export function doctorText({ verdict, components, remains }: DoctorResult, style: Style): string {
  const left = describeRemains(remains);
  if (components.length === 0) {
    return left === "" ? "Nothing was left by earlier runs." : `Removed what was left: ${left}.`;
  }
  const failed = components.filter(({ status }) => status === "fail").length;
  const passed = components.filter(({ status }) => status === "pass").length;
  const hint = `! Killed runs left, or others are under way: ${left}. To remove it: transship doctor --clean`;
  return [
    ...components.flatMap((component) => componentLines(component, style)),
    ...(left === "" ? [] : [style("yellow", hint)]),
    verdict === "passed"
      ? style("green", `All ${components.length} components work.`)
      : style("red", `${passed} of ${components.length} components work, ${failed} failed.`),
  ].join("\n");
}

function componentLines({ id, platform, status, detail, fix, ms }: Component, style: Style) {
  const name = platform === undefined ? id : `${id} ${platform}`;
  const time = status === "skip" ? "" : style("dim", ` (${ms} ms)`);
  const line = `${statusMark(status, style)} ${name.padEnd(nameWidth)}  ${detail}${time}`;
  return fix === undefined ? [line] : [line, `  ${" ".repeat(nameWidth)}  → ${fix}`];
}

const nameWidth = "verify linux/amd64".length;

export function doctorDocument({
  verdict,
  components,
  remains,
}: DoctorResult): Readonly<Record<string, unknown>> {
  return { verdict, components, remains };
}
