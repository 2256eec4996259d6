/** What an error is about: the lines of the Dockerfile, and the last words of the step. */
import { codeFrame } from "../../dockerfile/frame.ts";
import type { Facts } from "../../errors.ts";
import { type FailedBuild, failedProgram } from "./failed-build.ts";
import { placeOf } from "./place.ts";
import { redacted } from "./plain.ts";

/** As many of a step's last lines as fit below the Dockerfile's on a small terminal. */
const shownLines = 12;
const widestLine = 160;

export function excerptOf(failed: FailedBuild, facts: Facts): readonly string[] {
  const said = lastWords(failed, facts);
  const words = said.length === 0 ? [] : ["Its last words:", ...said.map(shown)];
  const place = placeOf(failed, facts);
  if (place === undefined) return words;
  const { text, range, context = 2 } = place;
  const frame = codeFrame(redacted(text), range, { context, width: widestLine });
  return [`${failed.dockerfile}:${range.line}`, ...frame, ...words];
}

/** The last lines of the step; before them the one that tells the cause, where that is further above. */
function lastWords(failed: FailedBuild, facts: Facts): readonly string[] {
  const { output = [] } = failedProgram(failed) ?? {};
  const lines = output.filter((line) => line.trim() !== "");
  const last = lines.slice(-shownLines);
  const told = ["reason", "package", "file", "library", "loader", "program"].flatMap((name) => {
    const fact = facts[name];
    return typeof fact === "string" ? [fact] : [];
  });
  const isCause = (line: string) => told.some((text) => line.includes(text));
  const cause = last.some(isCause) ? undefined : lines.findLast(isCause);
  return cause === undefined ? last : [cause, "…", ...last];
}

function shown(line: string): string {
  const plain = redacted(line);
  return `  ${plain.length > widestLine ? `${plain.slice(0, widestLine)}…` : plain}`;
}
