/** `docker buildx build`: its arguments, and what it writes about a build (docker/buildx, docs/reference/buildx_build.md). */
import * as z from "zod";
import { isDigest } from "../oci/digest.ts";
import type { Descriptor } from "../oci/document.ts";
import { formatPlatform, type Platform, platformOf } from "../platform/platform.ts";

/** Where the image goes. */
export type BuildOutput =
  /** Into an OCI layout directory under that full name. */
  | { readonly kind: "layout"; readonly directory: string; readonly name: string }
  /** Into the engine under that tag, where the engine's own BuildKit has no exporter for a layout. */
  | { readonly kind: "engine"; readonly tag: string };

export interface BuildCommand {
  readonly platforms: readonly Platform[];
  readonly builder: string;
  readonly dockerfile: string;
  readonly context: string;
  readonly output: BuildOutput;
  readonly metadataFile: string;
  readonly noCache?: boolean;
  /** `NAME=value`, or `NAME` for the environment's. */
  readonly buildArgs?: readonly string[];
  readonly secrets?: readonly string[];
  readonly ssh?: readonly string[];
  readonly target?: string;
  readonly buildContexts?: readonly string[];
  readonly cacheFrom?: readonly string[];
  readonly cacheTo?: readonly string[];
  /** Handed to buildx as they are. */
  readonly passthrough?: readonly string[];
}

/** The arguments of requirement 1.1: `buildx build --platform …`, the builder named. */
export function buildArgs(command: BuildCommand): readonly string[] {
  return [
    "buildx",
    "build",
    "--platform",
    command.platforms.map(formatPlatform).join(","),
    "--builder",
    command.builder,
    "--file",
    command.dockerfile,
    ...each("--build-arg", command.buildArgs),
    ...each("--secret", command.secrets),
    ...each("--ssh", command.ssh),
    ...each("--target", command.target === undefined ? [] : [command.target]),
    ...each("--build-context", command.buildContexts),
    ...each("--cache-from", command.cacheFrom),
    ...each("--cache-to", command.cacheTo),
    ...(command.noCache === true ? ["--no-cache"] : []),
    ...outputArgs(command.output),
    "--metadata-file",
    command.metadataFile,
    ...(command.passthrough ?? []),
    command.context,
  ];
}

/** What makes buildx write its progress for programs. Not a flag, so that the command that is shown is one for people. */
export const buildEnvironment = { BUILDKIT_PROGRESS: "rawjson" } as const;

function each(flag: string, values: readonly string[] = []): readonly string[] {
  return values.flatMap((value) => [flag, value]);
}

function outputArgs(output: BuildOutput): readonly string[] {
  if (output.kind === "engine") return ["--load", "--tag", output.tag];
  const fields = ["type=oci", "tar=false", `dest=${output.directory}`, `name=${output.name}`];
  return ["--output", fields.map(csvField).join(",")];
}

/** buildx reads the flag as one line of CSV (RFC 4180). */
export function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What a build says of what it made. */
export interface BuildMetadata {
  /** Of the manifest or index that was written; absent where the image went into the engine. */
  readonly root?: Descriptor;
  /** The platform of the machine that built, whose steps ran without an emulator. */
  readonly native?: Platform;
}

const metadata = z.looseObject({
  "containerimage.descriptor": z
    .object({
      mediaType: z.string(),
      digest: z.string().refine(isDigest),
      size: z.int().nonnegative(),
    })
    .optional(),
});

const provenance = z.object({
  invocation: z.object({ environment: z.object({ platform: z.string() }) }),
});

/** Reads the file that `--metadata-file` names. @throws SyntaxError, ZodError */
export function readBuildMetadata(json: string): BuildMetadata {
  const document = metadata.parse(JSON.parse(json));
  const root = document["containerimage.descriptor"];
  const native = nativePlatform(document);
  return { ...(root === undefined ? {} : { root }), ...(native === undefined ? {} : { native }) };
}

/** One key for a build of one platform, one a platform for several. */
function nativePlatform(document: Readonly<Record<string, unknown>>): Platform | undefined {
  for (const [key, value] of Object.entries(document)) {
    if (!key.startsWith("buildx.build.provenance")) continue;
    const read = provenance.safeParse(value);
    const [os, architecture, variant] = read.data?.invocation.environment.platform.split("/") ?? [];
    const platform = platformOf({ os, architecture, variant });
    if (platform !== undefined) return platform;
  }
  return undefined;
}
