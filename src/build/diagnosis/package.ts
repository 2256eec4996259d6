/** Packages that a step asks its distribution or its language's registry for, and that are not there. */
import { fail } from "../../errors.ts";
import { lastMatch, programRule, type Rule } from "./failed-build.ts";

/** Each tool's own words, from the start of its line: what another program prints of packages is not meant. */
const words: readonly (readonly [tool: string, ...patterns: RegExp[]])[] = [
  // Debian's apt, apt-private/private-cacheset.cc.
  [
    "apt-get",
    /^E: Package '([^']+)' has no installation candidate/,
    /^E: Unable to locate package (\S+)/,
  ],
  // Alpine's apk-tools, src/solver.c and src/commit.c.
  ["apk", /^\s+(\S+) \(no such package\):/],
  // pip/_internal/resolution/resolvelib/factory.py.
  ["pip", /^ERROR: No matching distribution found for (.+?)(?: \(from .*)?$/],
  ["dnf", /^(?:Error: Unable to find a match|No match for argument): (.+)$/],
];

const missing: Rule = programRule(({ output, step, platform }) => {
  for (const [tool, ...patterns] of words) {
    const name = lastMatch(output, ...patterns)?.[1];
    if (name !== undefined)
      return fail("STEP_PACKAGE_MISSING", { step, tool, package: name, platform });
  }
  return undefined;
});

export const packageRules: readonly Rule[] = [missing];
