/** What an image says of itself, held against what was asked for and against its own index. */
import { type PlatformImage, labelOf } from "../image/image.ts";
import type { Descriptor } from "../oci/document.ts";
import { formatPlatform, type Platform, platformOf, samePlatform } from "../platform/platform.ts";
import type { Finding } from "./finding.ts";

/** Architecture and system as people ask for them; what is left out is not compared. */
export interface Expectation {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}

export function expectationOf({ os, architecture, variant }: Platform): Expectation {
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** The label in the config against what was asked for. */
export function checkLabel(
  { config, platform, descriptor }: Pick<PlatformImage, "config" | "platform" | "descriptor">,
  expected: Expectation,
): readonly Finding[] {
  const actual = platform ?? config;
  const differs = (word: "os" | "architecture" | "variant") =>
    expected[word] !== undefined && expected[word] !== actual[word];
  if (!differs("os") && !differs("architecture") && !differs("variant")) return [];
  const wanted = [
    expected.os ?? actual.os,
    expected.architecture ?? actual.architecture,
    expected.variant,
  ]
    .filter(Boolean)
    .join("/");
  const prediction = refusalOf(descriptor, expected, wanted);
  return [
    {
      rule: "label",
      severity: "error",
      message: `The image is labelled ${labelOf(config)}, not ${wanted}.`,
      ...(prediction === undefined ? {} : { prediction }),
      evidence: `config: architecture ${config.architecture}, os ${config.os}`,
      fix: `Build it for that platform: transship build --platform ${wanted}`,
    },
  ];
}

/** The engine goes by the index where there is one, and then starts whatever the config says (moby; containerd, `platforms`). */
function refusalOf(
  { platform: listed }: Pick<Descriptor, "platform">,
  { os, architecture }: Expectation,
  wanted: string,
): string | undefined {
  if (listed === undefined) return `does not match the specified platform (${wanted})`;
  const isListed =
    (os === undefined || listed.os === os) &&
    (architecture === undefined || listed.architecture === architecture);
  return isListed ? undefined : `no matching manifest for ${wanted} in the manifest list entries`;
}

/** The platform that an index gives a manifest against the one in its config. */
export function checkIndex(image: PlatformImage): readonly Finding[] {
  const listed = image.descriptor.platform;
  if (listed === undefined) return [];
  const named = platformOf(listed);
  const isSame =
    named !== undefined && image.platform !== undefined
      ? samePlatform(named, image.platform)
      : listed.os === image.config.os && listed.architecture === image.config.architecture;
  if (isSame) return [];
  const shown = named === undefined ? `${listed.os}/${listed.architecture}` : formatPlatform(named);
  return [
    {
      rule: "index-platform",
      severity: "error",
      message: `The index lists the image ${image.descriptor.digest} for ${shown}; its config says ${labelOf(image.config)}.`,
      evidence: `manifest ${image.descriptor.digest}, config ${image.manifest.config.digest}`,
      fix: "Build the index again from images whose configs are right: transship build",
    },
  ];
}

/** The layers in the manifest against those in the config: as many, and each with the bytes that its DiffID names. */
export function checkLayers(
  { manifest, config }: Pick<PlatformImage, "manifest" | "config">,
  diffIds: readonly string[],
): readonly Finding[] {
  const named = config.rootfs.diff_ids;
  if (named.length !== manifest.layers.length) {
    return [
      {
        rule: "layer-count",
        severity: "error",
        message: `The manifest has ${manifest.layers.length} layers, the config ${named.length}.`,
        prediction: "layers from manifest don't match image configuration",
        fix: "Build the image again: transship build --no-cache",
      },
    ];
  }
  return diffIds.flatMap((diffId, n) => {
    if (named[n] === diffId) return [];
    const digest = manifest.layers[n]?.digest;
    return [
      {
        rule: "layer-diff-id",
        severity: "error" as const,
        message: `Layer ${n + 1} unpacks to ${diffId}; the config names ${named[n] ?? "nothing"}.`,
        prediction: "layers from manifest don't match image configuration",
        ...(digest === undefined ? {} : { layer: digest }),
        fix: "Build the image again: transship build --no-cache",
      },
    ];
  });
}
