/** BuildKit's own checks, beside the rules. */
import path from "node:path";
import type { Context } from "../context.ts";
import type { DockerfileChecks, DockerfileWarning } from "../engine/dockerfile-check.ts";
import { inParallel } from "../process/parallel.ts";
import { inOrder, type LintFinding } from "./inspect.ts";
import type { LintOptions, LintTarget } from "./lint.ts";

/** Each takes an engine some 0.3 s, and base images are asked for at their registries. */
const most = 20;
const [width, deadlineMs] = [4, 10_000];

/** What BuildKit says of each Dockerfile; nothing where it was not asked, or does not answer. */
export async function askBuildkit(
  targets: readonly LintTarget[],
  options: LintOptions,
  { docker }: Context,
): Promise<ReadonlyMap<LintTarget, DockerfileChecks>> {
  const { buildkit = true, fix, text } = options;
  const files = targets.filter(({ content }) => content === undefined);
  const isLeftOut = !buildkit || fix !== undefined || text !== undefined || files.length > most;
  if (isLeftOut) return new Map();
  // With it comes zod, which a text from standard input does not need.
  const { checkDockerfile } = await import("../engine/dockerfile-check.ts");
  const answers = await inParallel(files, width, async ({ path: dockerfile, ...own }) => {
    const {
      buildArgs,
      target,
      contextDirectory = path.dirname(dockerfile),
    } = { ...options, ...own };
    const named = target === undefined ? {} : { target };
    const given = buildArgs === undefined ? {} : { buildArgs };
    const asked = { context: contextDirectory, dockerfile, deadlineMs, ...named, ...given };
    return await checkDockerfile(asked, docker);
  });
  return new Map(
    files.flatMap((file, at) => {
      const answer = answers[at];
      return answer === undefined ? [] : [[file, answer] as const];
    }),
  );
}

/** What a rule says on the same line in more words. */
const said: ReadonlyMap<string, readonly string[]> = new Map([
  ["buildkit/FromPlatformFlagConstDisallowed", ["R3"]],
  ["buildkit/UndefinedVar", ["R11"]],
  ["buildkit/UndefinedArgInFrom", ["R11"]],
]);

/** The findings, with those of BuildKit that no rule has told on their line. `text` is the Dockerfile's. */
export function withBuildkit(
  findings: readonly LintFinding[],
  { warnings }: DockerfileChecks,
  text: string,
): readonly LintFinding[] {
  const lines = text.split("\n");
  const more = warnings
    .map((warning) => findingOf(warning, lines))
    .filter(
      ({ rule, range }) =>
        !findings.some(
          (own) => own.range.line === range.line && said.get(rule)?.includes(own.rule) === true,
        ),
    );
  return inOrder([...findings, ...more]);
}

function findingOf(
  { rule, detail, url, lines: place }: DockerfileWarning,
  lines: readonly string[],
): LintFinding {
  const { start, end } = place ?? { start: 1, end: 1 };
  const indent = /^\s*/.exec(lines[start - 1] ?? "")?.[0].length ?? 0;
  const range = {
    line: start,
    column: indent + 1,
    endLine: end,
    endColumn: (lines[end - 1] ?? "").trimEnd().length + 1,
  };
  const message = `BuildKit: ${detail.replace(/\.?$/, ".")}`;
  return {
    rule: `buildkit/${rule}`,
    severity: "warning",
    range,
    message,
    hint: `See ${url}`,
    platforms: [],
  };
}
