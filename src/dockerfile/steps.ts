/**
 * The names that BuildKit gives to the vertexes of a build, and what they say
 * (github.com/moby/buildkit, frontend/dockerfile/dockerfile2llb/convert.go, prefixCommand; docker/buildx, util/progress/multiwriter.go).
 */
import { type Platform, readPlatform } from "../platform/platform.ts";
import type { ResolvedStage } from "./stages.ts";

type VertexKind =
  /** An instruction of a stage. */
  | "step"
  /** Loading the Dockerfile, the context, the metadata of an image; starting the builder. */
  | "internal"
  | "export"
  | "auth"
  | "cache"
  /** Loading a named context. */
  | "context"
  | "other";

export interface VertexName {
  readonly kind: VertexKind;
  /** What buildx writes before everything else: the node that it starts, or the bake target that it builds. */
  readonly node?: string;
  /** The platform that the step runs on; written in builds of several platforms only, and never for RUN in a stage upon scratch. */
  readonly platform?: Platform;
  /** The platform that it builds for, where that is another one. */
  readonly targetPlatform?: Platform;
  /** The stage's name or `stage-1`; written where the build has several. */
  readonly stage?: string;
  /** From 1. */
  readonly step?: number;
  readonly steps?: number;
  /** What stands behind the brackets. */
  readonly command: string;
}

/** What stands in brackets is never that long; a name without its closing bracket is not searched to its end. */
const longest = 4_096;

/** Reads `[build 2/5] RUN …`, `[linux/amd64->arm64 stage-1 3/4] COPY …`, `[internal] load …`, `exporting to image` … */
export function parseVertexName(name: string): VertexName {
  const close = name.startsWith("[") ? name.slice(0, longest).indexOf("]") : -1;
  if (close === -1) return { kind: kindOfCommand(name), command: name };
  const command = name.slice(close + 1).trimStart();
  const words = name
    .slice(1, close)
    .split(" ")
    .filter((word) => word !== "");
  return readStep(words, command) ?? readOther(words, command);
}

/** The stage that a step belongs to, among those of its target platform. */
export function stageOfStep(
  name: VertexName,
  stages: readonly ResolvedStage[],
): ResolvedStage | undefined {
  if (name.kind !== "step") return undefined;
  return stages.findLast(({ vertexName }) => vertexName === name.stage);
}

/** `[node] [platform[->target]] [stage] 2/5`: what stands before the numbers may be left out, each for itself. */
function readStep(words: readonly string[], command: string): VertexName | undefined {
  const [, step, steps] = /^(\d{1,9})\/(\d{1,9})$/.exec(words.at(-1) ?? "") ?? [];
  if (step === undefined || steps === undefined || words.length > 4) return undefined;
  const before = words.slice(0, -1);
  const at = before.findIndex((word) => readPlatforms(word) !== undefined);
  const platforms = at === -1 ? undefined : readPlatforms(before[at] ?? "");
  // Without a platform to part them, a node stands only before a stage.
  const nodeAt = at === -1 ? before.length - 2 : at - 1;
  const stage = at === -1 ? before.at(-1) : before[at + 1];
  const node = before[nodeAt];
  return {
    kind: "step",
    ...(node === undefined ? {} : { node }),
    ...platforms,
    ...(stage === undefined ? {} : { stage }),
    step: Number(step),
    steps: Number(steps),
    command,
  };
}

/** `[internal]`, `[linux/arm64 internal]`, `[node0 internal]`, `[context base]`, `[auth]`, and `[target] exporting …` of a bake of several. */
function readOther(words: readonly string[], command: string): VertexName {
  const at = words.findIndex((word) => kindsInBrackets.has(word));
  const kind = kindsInBrackets.get(words[at] ?? "") ?? kindOfCommand(command);
  const before = at === -1 ? words : words.slice(0, at);
  const last = before.at(-1) ?? "";
  const platforms = readPlatforms(last);
  const node = platforms === undefined ? last : before.at(-2);
  return { kind, ...(node === undefined || node === "" ? {} : { node }), ...platforms, command };
}

const kindsInBrackets: ReadonlyMap<string, VertexKind> = new Map([
  ["internal", "internal"],
  ["auth", "auth"],
  ["context", "context"],
]);

const kindsByStart: readonly (readonly [RegExp, VertexKind])[] = [
  [/^(?:importing cache|exporting (?:content |inline )?cache)\b/, "cache"],
  [/^exporting to GitHub Actions Cache\b/, "cache"],
  [/^(?:exporting|pushing|merging manifest list|importing to docker)\b/, "export"],
];

function kindOfCommand(command: string): VertexKind {
  return kindsByStart.find(([start]) => start.test(command))?.[1] ?? "other";
}

/** `linux/amd64`, `linux/amd64->arm64`, `linux/amd64->arm/v7`, `linux/amd64->windows/amd64`. */
function readPlatforms(word: string): Pick<VertexName, "platform" | "targetPlatform"> | undefined {
  const [own = "", target] = word.split("->");
  const platform = own.includes("/") ? readPlatform(own) : undefined;
  if (platform === undefined) return undefined;
  // The operating system is written only where it differs, and then it is none that we know.
  const targetPlatform =
    target === undefined ? undefined : readPlatform(`${platform.os}/${target}`);
  return { platform, ...(targetPlatform === undefined ? {} : { targetPlatform }) };
}
