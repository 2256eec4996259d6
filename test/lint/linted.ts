/** Whether a file goes through lint and its reports, and every place that is named is one of the file. */
import { inspectDockerfile } from "../../src/lint/inspect.ts";
import { parsePlatform } from "../../src/platform/platform.ts";
import { lintDocument, lintText } from "../../src/report/lint.ts";
import { plain } from "../../src/report/style.ts";

const platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7"].map(parsePlatform);

/** @throws whatever is wrong with lint */
export function checkLinted(text: string): void {
  const findings = inspectDockerfile(text, { platforms });
  const lines = text.split("\n").length;
  for (const { range, message, edits = [] } of findings) {
    for (const { line, column, endLine, endColumn } of [range, ...edits.map((one) => one.range)]) {
      const isOrdered = line < endLine || (line === endLine && column <= endColumn);
      if (line < 1 || column < 1 || endLine > lines + 1 || !isOrdered) {
        const place = `${line}:${column}-${endLine}:${endColumn}`;
        throw new RangeError(`${place} is no place: ${message}`);
      }
    }
  }
  const files = [{ path: "Dockerfile", text, findings }];
  const result = { outcome: "errors", isBuildkits: false, files } as const;
  lintText(result, plain);
  JSON.stringify(lintDocument(result));
}
