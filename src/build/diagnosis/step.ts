/** A step that failed for reasons of its own. */
import { fail } from "../../errors.ts";
import { lastMatch, programRule, type Rule } from "./failed-build.ts";

/** glibc's loader, of a library that is not in the stage or is too old (glibc, `elf/dl-load.c`, `elf/dl-version.c`). */
const library: Rule = programRule(({ output, step, platform }) => {
  const found = lastMatch(
    output,
    /error while loading shared libraries: (\S+): cannot open shared object file/,
    /: version `([^']+)' not found \(required by/,
    /^Error loading shared library (\S+): No such file or directory/,
  )?.[1];
  return found === undefined
    ? undefined
    : fail("STEP_LIBRARY_MISSING", { step, library: found, platform });
});

const ended: Rule = programRule(({ output, step, exitCode }) => {
  if (exitCode === undefined) return undefined;
  const last = output.findLast((line) => line.trim() !== "")?.trim() ?? "";
  return fail("BUILD_STEP_FAILED", { step, exitCode, output: last });
});

export const libraryRules: readonly Rule[] = [library];
export const stepRules: readonly Rule[] = [ended];
