/** What comes of the checks before a build: lines of what may hurt, an error for what would fail. */
import type { Report } from "../../process/report.ts";
import { fail, type TransshipError } from "../../errors.ts";
import type { BuildCheck } from "./check.ts";

/** Tells each check in one line, with its fix. @throws the error of the first that failed */
export function tellChecks(checks: readonly BuildCheck[], report: Report): void {
  for (const { status, detail, fix } of checks) {
    const text = fix === undefined ? detail : `${detail} ${fix}`;
    if (status === "warn") report({ kind: "warning", text });
    if (status === "pass" || status === "skip") report({ kind: "detail", text });
  }
  const failed = checks.filter(({ status }) => status === "fail");
  const [first] = failed;
  if (first === undefined) return;
  throw errorOf(first).with({ excerpt: failed.map(({ detail }) => detail) });
}

function errorOf({ error, detail, fix = "" }: BuildCheck): TransshipError {
  return error ?? fail("BUILD_REFUSED", { problem: detail, fix });
}
