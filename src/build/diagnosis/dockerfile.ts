/** What is wrong with the Dockerfile itself. */
import { fail } from "../../errors.ts";
import { clause, lastError, type Rule } from "./failed-build.ts";

const missing: Rule = ({ words, dockerfile }) =>
  /failed to read dockerfile: open [^:]+: no such file/i.test(lastError(words))
    ? fail("DOCKERFILE_MISSING", { dockerfile })
    : undefined;

const target: Rule = ({ words }) => {
  const name = /target stage "?([^"\s]+)"? could not be found/.exec(lastError(words))?.[1];
  return name === undefined ? undefined : fail("BUILD_TARGET_UNKNOWN", { target: name });
};

/**
 * The parser's errors, and those of who makes steps of what it read (moby/buildkit, `frontend/dockerfile/parser`,
 * `frontend/dockerfile/instructions`, `frontend/dockerfile/dockerfile2llb`).
 */
const syntax: Rule = ({ words, dockerfile }) => {
  const problem =
    /dockerfile parse error on line \d+: .+/i.exec(lastError(words))?.[0] ??
    /(?:the Dockerfile cannot be empty|file with no instructions|no build stage in current context|dockerfile contains no stages to build|unterminated heredoc|invalid stage index \d+|circular dependency detected.*|base name \(.+|failed to parse (?:stage name|platform) .+|invalid chmod parameter.+|invalid checksum digest.+)/.exec(
      lastError(words),
    )?.[0];
  if (problem === undefined) return undefined;
  return fail("DOCKERFILE_INVALID", { dockerfile, problem: clause(problem) });
};

/** BuildKit shows lines where no step was begun: it did not take them. */
const refused: Rule = ({ words, step, dockerfile }) => {
  const isShown = /^ *\d+ \| >>> /m.test(words);
  if (step !== undefined || !isShown) return undefined;
  return fail("DOCKERFILE_INVALID", { dockerfile, problem: clause(lastError(words)) });
};

export const dockerfileRules: readonly Rule[] = [missing, target, syntax];
export const refusedRules: readonly Rule[] = [refused];
