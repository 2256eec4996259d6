/** The base images of a build: whether each exists for the platform that it is pulled for. */
import { type Base, isUnresolved } from "../../dockerfile/base.ts";
import type { Range } from "../../dockerfile/range.ts";
import type { ResolvedStage } from "../../dockerfile/stages.ts";
import { fail } from "../../errors.ts";
import type { OfferedPlatforms } from "../../image/offered.ts";
import { formatPlatform, type Platform } from "../../platform/platform.ts";
import type { TargetStages } from "../stages.ts";
import type { BuildCheck } from "./check.ts";
import { listed } from "../../build-context/listed.ts";

export interface BaseImage {
  /** As BuildKit will ask for it. */
  readonly name: string;
  /** The layout that stands in for it: `DIR[:TAG][@DIGEST]`. */
  readonly layout?: string;
  readonly platform: Platform;
  /** Where the Dockerfile names it. */
  readonly range?: Range;
}

/** What a build pulls, once for each platform, as far as the Dockerfile says it. */
export function baseImages(targets: readonly TargetStages[]): readonly BaseImage[] {
  const found = new Map<string, BaseImage>();
  for (const { target, stages } of targets) {
    for (const image of stages.flatMap((stage) => imagesOf(stage, target))) {
      found.set(`${image.name} ${image.layout ?? ""} ${formatPlatform(image.platform)}`, image);
    }
  }
  return [...found.values()];
}

function imagesOf(stage: ResolvedStage, target: Platform): readonly BaseImage[] {
  const own = isUnresolved(stage.platform) ? [] : imageOf(stage.base, stage.platform);
  // What is copied from is pulled for the target, whichever stage copies.
  return [...own, ...stage.sources.flatMap(({ base }) => imageOf(base, target))];
}

function imageOf(base: Base, platform: Platform): readonly BaseImage[] {
  if (base.kind === "image") {
    const isWhole = base.missing.length === 0 && !isUnresolved(base.platform);
    return isWhole ? [{ name: base.name, platform, range: base.range }] : [];
  }
  if (base.kind !== "context") return [];
  const { name, source } = base;
  const [, scheme, rest = ""] = /^(docker-image|oci-layout):\/\/(.+)$/s.exec(source) ?? [];
  if (scheme === "docker-image") return [{ name: rest, platform }];
  return scheme === "oci-layout" ? [{ name, layout: rest, platform }] : [];
}

/** Whether it serves. BuildKit takes an image for one platform alone whatever that is, and only warns. */
export function baseCheck(
  { name, platform, range }: BaseImage,
  offered: OfferedPlatforms,
): BuildCheck {
  const id = "base-image";
  const wanted = formatPlatform(platform);
  const where = range === undefined ? "" : ` (line ${range.line} of the Dockerfile)`;
  if (offered.platforms.some((one) => serves(one, wanted)))
    return { id, status: "pass", detail: `${name} exists for ${wanted}.` };
  const held = listed(offered.platforms);
  const detail =
    offered.kind === "single"
      ? `The base image ${name}${where} is for ${held} alone, and ${wanted} is built.`
      : `The base image ${name}${where} does not exist for ${wanted}; it does for ${held}.`;
  const fix =
    offered.kind === "single"
      ? "Name it by its tag, or by the digest of its index: docker buildx imagetools inspect NAME"
      : `Choose a base that exists for ${wanted}, or run that stage elsewhere: FROM --platform=$BUILDPLATFORM`;
  const error = fail("BASE_PLATFORM_MISSING", { image: name, platform: wanted });
  return { id, status: "fail", detail, fix, error };
}

/** An image of a lesser variant runs on a greater one: `linux/arm/v6` serves `linux/arm/v7` (containerd/platforms, compare.go). */
function serves(offered: string, wanted: string): boolean {
  const [own, other] = [offered.split("/"), wanted.split("/")];
  const isSame = own[0] === other[0] && own[1] === other[1];
  return isSame && (own[2] === undefined || other[2] === undefined || own[2] <= other[2]);
}
