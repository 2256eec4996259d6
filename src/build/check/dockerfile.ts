/** What lint says of the Dockerfile for this build: its platforms, its machine, its arguments. Its warnings are lint's own. */
import { inspectDockerfile } from "../../lint/lint.ts";
import { formatPlatform, type Platform } from "../../platform/platform.ts";
import type { Work } from "../produce.ts";
import { namedValues, type TargetStages } from "../stages.ts";
import type { BuildCheck } from "./check.ts";

export function dockerfileChecks(
  { work, targets }: { readonly work: Work; readonly targets: readonly TargetStages[] },
  env: Readonly<Record<string, string | undefined>>,
): readonly BuildCheck[] {
  const { source, options, request } = work;
  if (source.text === undefined) return [];
  const known = targets.flatMap(({ target, native }) =>
    native === undefined ? [] : [[formatPlatform(target), native] as const],
  );
  const natives = new Map<string, Platform>(known);
  const platforms = targets.flatMap(({ target, native }) => (native === undefined ? [] : target));
  const findings = inspectDockerfile(source.text, {
    platforms,
    buildArgs: namedValues(options.buildArgs, env),
    ...(options.target === undefined ? {} : { target: options.target }),
    builderFor: (target) => natives.get(formatPlatform(target)) ?? target,
  });
  return findings
    .filter(({ severity, rule }) => severity === "error" && /^R\d/.test(rule))
    .map(({ rule, range, message, hint }) => ({
      id: "dockerfile",
      status: "warn",
      detail: `${rule}, ${request.dockerfile}:${range.line}: ${message}`,
      fix: hint,
    }));
}
