/** What lint says of the Dockerfile for this build: its platforms, its machine, its arguments. Its warnings are lint's own. */
import type { Context } from "../../context.ts";
import { namedValues } from "../../dockerfile/named-values.ts";
import { besideReader, inspectDockerfile, type LintContext } from "../../lint/lint.ts";
import { formatPlatform, type Platform } from "../../platform/platform.ts";
import type { Work } from "../produce.ts";
import type { BuildRequest } from "../request.ts";
import type { StagesOptions, TargetStages } from "../stages.ts";
import type { BuildCheck } from "./check.ts";
import type { ContextLook } from "./context.ts";

export interface DockerfileCheckOptions {
  readonly work: Pick<Work, "source"> & {
    readonly options: StagesOptions["options"];
    readonly request: Pick<BuildRequest, "context" | "dockerfile">;
  };
  readonly targets: readonly TargetStages[];
  /** What was seen of the context; absent where it was not looked at. */
  readonly look?: ContextLook | undefined;
}

export async function dockerfileChecks(
  { work, targets, look }: DockerfileCheckOptions,
  context: Context,
): Promise<readonly BuildCheck[]> {
  const { source, options, request } = work;
  if (source.text === undefined) return [];
  const known = targets.flatMap(({ target, native }) =>
    native === undefined ? [] : [[formatPlatform(target), native] as const],
  );
  const natives = new Map<string, Platform>(known);
  const platforms = targets.flatMap(({ target, native }) => (native === undefined ? [] : target));
  const beside = await besideReader(platforms, context)(request.dockerfile, source.text, {
    platforms,
    contextDirectory: request.context,
    known: look && contextIn(look),
    lockFiles: false,
  });
  const findings = inspectDockerfile(source.text, {
    platforms,
    context: beside.context,
    texts: beside.texts,
    buildArgs: namedValues(options.buildArgs, context.env),
    buildContexts: namedValues(options.buildContexts, {}),
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

/** Of artefacts and lock files the other checks speak. */
function contextIn(look: ContextLook): LintContext | undefined {
  if ("error" in look) return undefined;
  return { ignoreFile: look.ignoreFile, artefacts: [], files: new Set(look.walk.files) };
}
