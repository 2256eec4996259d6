/** What goes wrong with buildx and the builder themselves. */
import { fail } from "../../errors.ts";
import { clause, lastError, type Rule } from "./failed-build.ts";

const missing: Rule = ({ words, builder }) => {
  const name = /no builder "([^"]+)" found/.exec(words)?.[1];
  if (name === undefined) return undefined;
  return fail("BUILDER_MISSING", { builder, reason: "buildx does not know it" });
};

/** Flags of `docker buildx build` that our oldest buildx does not have (docker/buildx, its release notes). */
const newFlags: ReadonlyMap<string, string> = new Map([
  ["--call", "0.15"],
  ["--check", "0.15"],
  ["--debug", "0.15"],
  ["-D", "0.15"],
  ["--policy", "0.31"],
]);

const flag: Rule = ({ words }) => {
  const [problem, named] =
    /unknown (?:shorthand )?flag: (\S+)[^\n]*|flag needs an argument: [^\n]+/.exec(words) ?? [];
  // A Dockerfile's own flags are the parser's.
  if (problem === undefined || /dockerfile parse error/.test(words)) return undefined;
  const since = newFlags.get(named ?? "");
  return since === undefined
    ? fail("USAGE", { problem: `buildx says: ${problem}.`, command: "docker buildx build" })
    : fail("BUILDX_FLAG_TOO_NEW", { flag: named ?? "", since });
};

/** gRPC's words for a server that went away in the middle (grpc-go, `internal/transport`), with docker's and ssh's for the way there. */
const lost: Rule = ({ words, builder }) => {
  const error = lastError(words);
  const isLost =
    /code = Unavailable\b|closing transport due to|error reading from server: (?:EOF|.*(?:reset|closed))|error reading preface|transport is closing|command \[ssh .*exited|is not running$|No such container: buildx_buildkit/.test(
      error,
    );
  if (!isLost) return undefined;
  // gRPC wraps what happened in how it was noticed.
  const reason = /.*desc = "?([^"]+)/s.exec(error)?.[1] ?? error;
  return fail("BUILDER_LOST", { builder, reason: clause(reason) });
};

/** Who stops a build at the builder ends it for whoever waits for it. An interrupt of ours has an error of its own. */
const cancelled: Rule = ({ words, builder }) =>
  /(?:^|: )(?:Canceled: )?context canceled$|graceful(?:ly)? stop/i.test(lastError(words).trim())
    ? fail("BUILD_CANCELLED", { builder })
    : undefined;

export const builderRules: readonly Rule[] = [missing, flag, lost];
export const cancelRules: readonly Rule[] = [cancelled];
