/**
 * The variables that FROM can use: the automatic ones of the platforms, and ARG before the first FROM
 * (github.com/moby/buildkit, frontend/dockerfile/dockerfile2llb/platform.go and convert.go).
 */
import { formatPlatform, type Platform } from "../platform/platform.ts";
import type { NamedContext } from "./context.ts";
import { pairsOf } from "./pair.ts";
import type { Dockerfile } from "./syntax.ts";
import { expand, type Expansion, type Variables } from "./variables.ts";

/** What a build is asked for, as far as its Dockerfile can see it. */
export interface BuildRequest {
  /** The platform of the builder's node. */
  readonly buildPlatform: Platform;
  readonly targetPlatform: Platform;
  /** `--build-arg` */
  readonly buildArgs?: Variables;
  /** `--target`; the last stage where none is named. */
  readonly target?: string;
  /** `--build-context`: what takes the place of the stages and images of those names: `docker-image://…`, a directory, a URL. */
  readonly buildContexts?: Variables;
}

export interface Scope {
  readonly variables: Variables;
  /** What the value of a global argument lacks, because another one was not set when it was. */
  readonly missing: ReadonlyMap<string, ReadonlySet<string>>;
}

/** What all stages of a file have in common. */
export interface Resolution {
  readonly dockerfile: Dockerfile;
  readonly request: BuildRequest;
  readonly scope: Scope;
  readonly findContext: (name: string) => NamedContext | undefined;
}

/** The scope of FROM, which is the same for all of them. */
export function globalScope(dockerfile: Dockerfile, request: BuildRequest): Scope {
  const variables = new Map(automaticVariables(dockerfile, request));
  const missing = new Map<string, ReadonlySet<string>>();
  for (const { name, value } of dockerfile.globalArguments.flatMap(pairsOf)) {
    const given = request.buildArgs?.get(name);
    if (given !== undefined) variables.set(name, given);
    else if (value !== undefined) {
      const expansion = expandIn({ variables, missing }, value, dockerfile);
      if (expansion.problem !== undefined) continue;
      variables.set(name, expansion.text);
      missing.set(name, expansion.missing);
    }
  }
  return { variables, missing };
}

/** Expands a word; what its variables lacked when they were set is missing from it as well. */
export function expandIn(scope: Scope, word: string, { escape }: Dockerfile): Expansion {
  const expansion = expand(word, scope.variables, escape);
  const missing = new Set(expansion.missing);
  for (const name of expansion.used) {
    for (const lacked of scope.missing.get(name) ?? []) missing.add(lacked);
  }
  return { ...expansion, missing };
}

/** A build argument of the same name overrides each of them. */
function automaticVariables(dockerfile: Dockerfile, request: BuildRequest) {
  const { buildPlatform, targetPlatform, buildArgs, target } = request;
  const stage = target ?? dockerfile.stages.at(-1)?.name ?? "default";
  const automatic: readonly (readonly [string, string])[] = [
    ...platformVariables("BUILD", buildPlatform),
    ...platformVariables("TARGET", targetPlatform),
    ["TARGETSTAGE", stage],
  ];
  return automatic.map(([name, value]) => [name, buildArgs?.get(name) ?? value] as const);
}

export function platformVariables(prefix: "BUILD" | "TARGET", platform: Platform) {
  return [
    [`${prefix}PLATFORM`, formatPlatform(platform)],
    [`${prefix}OS`, platform.os],
    [`${prefix}OSVERSION`, ""],
    [`${prefix}ARCH`, platform.architecture],
    [`${prefix}VARIANT`, platform.variant ?? ""],
  ] as const;
}
