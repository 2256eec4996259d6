/**
 * Why a build failed: its cause, the lines of the Dockerfile and the step's last words. buildx's exit code is 1 for nearly everything,
 * so it is read from what BuildKit, buildx and the step said.
 */
import { engineFailure } from "../../engine/failure.ts";
import { fail, type TransshipError } from "../../errors.ts";
import { formatCommand } from "../../process/command.ts";
import { excerptOf } from "./excerpt.ts";
import { type FailedBuild, lastError } from "./failed-build.ts";
import { plainLine, redacted } from "./plain.ts";
import { rules } from "./rules.ts";

/** The error for a build that ended with another exit code than 0. */
export function diagnose(ended: FailedBuild): TransshipError {
  const failed = plain(ended);
  const error = causeOf(failed);
  return error.with({ excerpt: excerptOf(failed, error.facts) });
}

function causeOf(failed: FailedBuild): TransshipError {
  for (const rule of rules) {
    const found = rule(failed);
    if (found !== undefined) return found;
  }
  const { argv, exitCode, words } = failed;
  return (
    engineFailure({ exitCode, stderr: words }) ??
    fail("BUILD_FAILED", { command: formatCommand(argv), exitCode, reason: lastError(words) })
  );
}

/** Without colours, and without secrets in what an error may repeat. */
function plain({ step, words, ...rest }: FailedBuild): FailedBuild {
  const lines = words.split("\n").map(plainLine).join("\n");
  if (step === undefined) return { ...rest, words: lines };
  const output = step.output.map(plainLine);
  return { ...rest, words: lines, step: { ...step, output, error: redacted(step.error) } };
}
