/** What `transship lint` looks at where no file is named: the services of compose.yaml and the targets of bake files, as they are built. */
import { existsSync } from "node:fs";
import path from "node:path";
import { namedValues } from "../dockerfile/named-values.ts";
import type { Context } from "../context.ts";
import { isFailure } from "../errors.ts";
import type { LintTarget } from "../lint/lint.ts";
import { readPlatform } from "../platform/platform.ts";

/** The files that buildx reads by itself, beside compose files (docker/buildx, `bake/bake.go`). */
const bakeFiles = [
  "docker-bake.json",
  "docker-bake.hcl",
  "docker-bake.override.json",
  "docker-bake.override.hcl",
];

/** None where no such file builds anything, or none can be read; that is said. @throws INTERRUPTED, TERMINATED */
export async function lintTargets(context: Context): Promise<readonly LintTarget[]> {
  const [services, baked] = await Promise.all([
    orNone("compose.yaml", serviceTargets(context), context),
    orNone("the bake file", bakedTargets(context), context),
  ]);
  return [...services, ...baked];
}

/** Lint needs neither docker nor Compose: what they cannot read is left out. */
async function orNone(
  what: string,
  targets: Promise<readonly LintTarget[]>,
  { report }: Context,
): Promise<readonly LintTarget[]> {
  try {
    return await targets;
  } catch (error) {
    if (!isFailure(error) || isInterruption(error.code)) throw error;
    report({ kind: "warning", text: `${what} is left out: ${error.message}` });
    return [];
  }
}

function isInterruption(code: string): boolean {
  return code === "INTERRUPTED" || code === "TERMINATED";
}

async function serviceTargets(context: Context): Promise<readonly LintTarget[]> {
  const { readConfig } = await import("../config/config.ts");
  const config = await readConfig([], context);
  return (config?.services ?? []).map(({ name, options, inlineDockerfile }): LintTarget => {
    const { context: directory = ".", dockerfile, buildArgs, buildContexts, target } = options;
    const file = dockerfile ?? path.join(directory, "Dockerfile");
    const inline =
      inlineDockerfile === undefined
        ? { path: file }
        : { path: `${config?.files[0] ?? "compose.yaml"} (${name})`, content: inlineDockerfile };
    return Object.assign(
      inline,
      {
        contextDirectory: directory,
        buildArgs: namedValues(buildArgs ?? [], context.env),
        buildContexts: namedValues(buildContexts ?? [], {}),
      },
      options.platforms === undefined ? {} : { platforms: options.platforms },
      target === undefined ? {} : { target },
    );
  });
}

async function bakedTargets(context: Context): Promise<readonly LintTarget[]> {
  const files = bakeFiles.filter((file) => existsSync(file));
  if (files.length === 0) return [];
  const { bakeTargets } = await import("../engine/bake.ts");
  const targets = await bakeTargets(files, context.docker);
  return targets.map(
    ({ name, context: directory, dockerfile, inline, args, ...rest }): LintTarget => {
      const platforms = rest.platforms.flatMap((text) => readPlatform(text) ?? []);
      const file = path.isAbsolute(dockerfile) ? dockerfile : path.join(directory, dockerfile);
      return Object.assign(
        inline === undefined
          ? { path: file }
          : { path: `${files[0] ?? ""} (${name})`, content: inline },
        { contextDirectory: directory, buildArgs: args, buildContexts: rest.contexts },
        platforms.length === 0 ? {} : { platforms },
        rest.target === undefined ? {} : { target: rest.target },
      );
    },
  );
}
