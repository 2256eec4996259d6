/** A base whose name says that it is for another platform alone. */
import type { Base } from "../../dockerfile/base.ts";
import type { Range } from "../../dockerfile/range.ts";
import type { OfferedPlatforms } from "../../image/offered.ts";
import {
  formatPlatform,
  type Platform,
  readPlatform,
  samePlatform,
} from "../../platform/platform.ts";
import { namesArchitecture } from "../architecture.ts";
import { mayRunOn } from "../machine.ts";
import { type SinglePlatform, singlePlatformOf } from "../single-platform.ts";
import type { StageView, TargetView } from "../view.ts";
import type { Finding, Rule } from "./rule.ts";

export const r9: Rule = {
  id: "R9",
  title: "A base is for another platform alone",
  what: "An image in `FROM`, `COPY --from=` or `RUN --mount=from=` that is for one platform alone, and is used for one that it does not run on. Its publisher says so by its name: Docker Hub's namespaces `amd64/`, `arm64v8/`, `arm32v7/`, `i386/` and their sisters, tags of distroless, .NET and LinuxServer that name an architecture, manylinux. With `--online` its registry says so of a digest.",
  why: "Such a name leads to the same image on every platform. BuildKit either finds nothing in it for the platform and ends the build, or takes it as it is: then the image is labelled for one platform and consists of another's programs.",
  bad: 'FROM arm64v8/alpine:3.22\nRUN apk add --no-cache nginx\nCMD ["nginx", "-g", "daemon off;"]',
  good: 'FROM alpine:3.22\nRUN apk add --no-cache nginx\nCMD ["nginx", "-g", "daemon off;"]',
  failure: "arm64v8/alpine:3.22: no match for platform in manifest: not found",
  blind:
    "A digest, unless its registry is asked; names of other publishers; an architecture in such a name that comes from a variable, which the builds of each platform may set; an image in a stage on $BUILDPLATFORM.",
  check(view) {
    return view.stages.flatMap((stage) => [...ofStage(stage, view), ...ofSources(stage, view)]);
  },
};

function ofStage(stage: StageView, view: TargetView): readonly Finding[] {
  const { resolved, platform } = stage;
  const { image, platform: flag, name } = resolved.stage;
  // Which machine builds is not known.
  const isAnyBuilder = stage.isBuilders && flag?.value?.includes("$") === true;
  if (platform === undefined || isAnyBuilder) return [];
  const used = usedImage(resolved.base, image.text, view);
  if (used === undefined || mayRunOn(used.platform, platform)) return [];
  const isMeant = !stage.isImage && namesArchitecture(name ?? "", used.platform.architecture);
  const who = name === undefined ? "this stage" : `the stage ${name}`;
  return isMeant ? [] : [finding(used, image.range, { who: `${who} begins with`, platform }, view)];
}

/** BuildKit pulls them for the target's platform, whichever stage copies. */
function ofSources(stage: StageView, view: TargetView): readonly Finding[] {
  const { target } = view;
  // In another machine's stage it may be a tool that is started there.
  if (stage.platform === undefined || !samePlatform(stage.platform, target)) return [];
  const used = stage.resolved.sources.flatMap(({ base, range, instruction }) => {
    const image = base.kind === "image" ? usedImage(base, base.name, view) : undefined;
    return image === undefined ? [] : [{ image, range, instruction }];
  });
  // Several of them side by side are meant to be of several platforms.
  const kinds = new Set(used.map(({ image }) => formatPlatform(image.platform)));
  if (kinds.size > 1) return [];
  return used
    .filter(({ image, instruction }) => {
      // The directory that it is copied to may be that platform's.
      return (
        !mayRunOn(image.platform, target) &&
        !namesArchitecture(instruction.text, image.platform.architecture)
      );
    })
    .map(({ image, range, instruction }) => {
      const place = instruction.keyword === "COPY" ? nameIn(range, image.name) : range;
      return finding(image, place, { who: "this takes files of", platform: target }, view);
    });
}

/** Of `--from=name`, where it is written without quotes. */
function nameIn(flag: Range, { length }: string): Range {
  const before = "--from=".length;
  const isPlain = flag.line === flag.endLine && flag.endColumn - flag.column === before + length;
  return isPlain ? { ...flag, column: flag.column + before } : flag;
}

interface UsedImage extends SinglePlatform {
  readonly name: string;
  /** As it is written. */
  readonly written: string;
}

/** An image of one platform: its name says it where it is written, and not by a variable that each build may set, or its registry does. */
function usedImage(base: Base, written: string, { offered }: TargetView): UsedImage | undefined {
  if (base.kind !== "image" || base.missing.length > 0) return undefined;
  const { name } = base;
  const single = singlePlatformOf(name) ?? answered(offered?.get(name));
  if (single === undefined) return undefined;
  const isWritten =
    written.startsWith(name.slice(0, single.end)) || written.endsWith(name.slice(single.start));
  return isWritten ? { ...single, name, written } : undefined;
}

function answered(offered: OfferedPlatforms | undefined): SinglePlatform | undefined {
  if (offered?.kind !== "single") return undefined;
  const platform = readPlatform(offered.platforms[0] ?? "");
  if (platform === undefined) return undefined;
  return { platform, start: 0, end: 0, isIndex: false, hasPrograms: true };
}

function finding(
  used: UsedImage,
  range: Range,
  { who, platform }: { readonly who: string; readonly platform: Platform },
  view: TargetView,
): Finding {
  const [own, wanted] = [formatPlatform(used.platform), formatPlatform(platform)];
  const { name, isIndex, hasPrograms } = used;
  const there = samePlatform(platform, view.target) ? "" : `, and runs on ${wanted}`;
  return {
    severity: hasPrograms ? "error" : "warning",
    range,
    message: `Built for ${formatPlatform(view.target)}, ${who} ${name}, which is for ${own} alone${there}.`,
    failure: isIndex
      ? `${name}: no match for platform in manifest: not found`
      : `InvalidBaseImagePlatform: Base image ${name} was pulled with platform "${own}", expected "${wanted}" for current build`,
    ...remedy(used, range, { view, wanted }),
  };
}

/** To leave the platform out of the name, where nothing else has the name that is left. */
function remedy(
  { name, written, start, end, instead }: UsedImage,
  range: Range,
  { view, wanted }: { readonly view: TargetView; readonly wanted: string },
): Pick<Finding, "hint" | "edits"> {
  if (start === end)
    return { hint: "Name the digest of its index: docker buildx imagetools inspect" };
  const rest = name.slice(0, start) + (instead ?? "") + name.slice(end);
  const isTaken = view.dockerfile.stages.some((stage) => stage.name === rest);
  if (instead === undefined || name.includes("@") || isTaken)
    return { hint: `Name an image that exists for ${wanted}` };
  const hint = `Name the image for every platform: ${rest}`;
  const { line, column, endLine, endColumn } = range;
  const isPlain = written === name && line === endLine && endColumn - column === name.length;
  const place = { ...range, column: column + start, endColumn: column + end };
  return isPlain ? { hint, edits: [{ range: place, text: instead }] } : { hint };
}
