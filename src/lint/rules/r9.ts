/** A base whose name says that it is for another platform alone. */
import type { Base } from "../../dockerfile/base.ts";
import type { Range } from "../../dockerfile/range.ts";
import { runsNatively } from "../../platform/machine.ts";
import { formatPlatform, type Platform, samePlatform } from "../../platform/platform.ts";
import { architecturesIn } from "../architecture.ts";
import { type SinglePlatform, singlePlatformOf } from "../single-platform.ts";
import type { StageView, TargetView } from "../view.ts";
import type { Edit, Finding, Rule } from "./rule.ts";

export const r9: Rule = {
  id: "R9",
  title: "A base is for another platform alone",
  what: "An image in `FROM`, `COPY --from=` or `RUN --mount=from=` that its publisher says to be for one platform alone, by its name: Docker Hub's namespaces `amd64/`, `arm64v8/`, `arm32v7/`, `i386/` and their sisters, tags of distroless, .NET and LinuxServer that name an architecture, manylinux; and that is used for a platform that it does not run on.",
  why: "Such a name leads to the same image on every platform. BuildKit either finds nothing in it for the platform and ends the build, or takes it as it is: then the image is labelled for one platform and consists of another's programs.",
  bad: 'FROM arm64v8/alpine:3.22\nRUN apk add --no-cache nginx\nCMD ["nginx", "-g", "daemon off;"]',
  good: 'FROM alpine:3.22\nRUN apk add --no-cache nginx\nCMD ["nginx", "-g", "daemon off;"]',
  failure: "arm64v8/alpine:3.22: no match for platform in manifest: not found",
  blind:
    "A digest that is that of one platform's manifest, which only its registry knows (`transship build` asks it before it builds); names of other publishers; an architecture that comes from a variable, which the builds of each platform may set; an image in a stage on $BUILDPLATFORM.",
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
  const used = usedImage(resolved.base, image.text);
  if (used === undefined || fits(used.platform, platform)) return [];
  const isMeant = !stage.isImage && names(name ?? "", used.platform);
  const who = name === undefined ? "this stage" : `the stage ${name}`;
  return isMeant ? [] : [finding(used, image.range, { who: `${who} begins with`, platform }, view)];
}

/** BuildKit pulls them for the target's platform, whichever stage copies. */
function ofSources(stage: StageView, view: TargetView): readonly Finding[] {
  const { target } = view;
  // In another machine's stage it may be a tool that is started there.
  if (stage.platform === undefined || !samePlatform(stage.platform, target)) return [];
  const used = stage.resolved.sources.flatMap(({ base, range, instruction }) => {
    const image = base.kind === "image" ? usedImage(base, base.name) : undefined;
    return image === undefined ? [] : [{ image, range, instruction }];
  });
  // Several of them side by side are meant to be of several platforms.
  const kinds = new Set(used.map(({ image }) => formatPlatform(image.platform)));
  if (kinds.size > 1) return [];
  return used
    .filter(({ image, instruction }) => {
      // The directory that it is copied to may be that platform's.
      return !fits(image.platform, target) && !names(instruction.text, image.platform);
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

/** An image of one platform, whose name says it where it is written, and not by a variable that each build may set. */
function usedImage(base: Base, written: string): UsedImage | undefined {
  if (base.kind !== "image" || base.missing.length > 0) return undefined;
  const { name } = base;
  const single = singlePlatformOf(name);
  if (single === undefined) return undefined;
  const isWritten =
    written.startsWith(name.slice(0, single.end)) || written.endsWith(name.slice(single.start));
  return isWritten ? { ...single, name, written } : undefined;
}

/** Of the 64-bit ARM machines some run 32-bit programs, and BuildKit takes them there. */
function fits(own: Platform, platform: Platform): boolean {
  if (own.architecture === "arm" && platform.architecture === "arm64") return true;
  const isLater = (own.variant ?? "") > (platform.variant ?? "");
  return runsNatively(own, platform) && !(own.architecture === "arm" && isLater);
}

function names(text: string, { architecture }: Platform): boolean {
  return architecturesIn(text).some((named) => named.architecture === architecture);
}

function finding(
  used: UsedImage,
  range: Range,
  { who, platform }: { readonly who: string; readonly platform: Platform },
  view: TargetView,
): Finding {
  const [own, wanted] = [formatPlatform(used.platform), formatPlatform(platform)];
  const { name, isIndex, hasPrograms } = used;
  const edit = editOf(used, range, view);
  const other = edit === undefined ? undefined : name.slice(0, used.start) + (used.instead ?? "");
  const hint =
    other === undefined
      ? `Name an image that exists for ${wanted}.`
      : `Name the image for every platform: ${other}${name.slice(used.end)}`;
  return {
    severity: isIndex || hasPrograms ? "error" : "warning",
    range,
    message: `Built for ${formatPlatform(view.target)}, ${who} ${name}, which is for ${own} alone${samePlatform(platform, view.target) ? "" : `, and runs on ${wanted}`}.`,
    failure: isIndex
      ? `${name}: no match for platform in manifest: not found`
      : `InvalidBaseImagePlatform: Base image ${name} was pulled with platform "${own}", expected "${wanted}" for current build`,
    hint,
    ...(edit === undefined ? {} : { edits: [edit] }),
  };
}

/** Leaves the platform out of the name, where nothing else has the name that is left. */
function editOf(
  { name, written, start, end, instead }: UsedImage,
  range: Range,
  { dockerfile }: TargetView,
): Edit | undefined {
  const isPlain =
    written === name &&
    range.line === range.endLine &&
    range.endColumn - range.column === name.length;
  if (!isPlain || instead === undefined || name.includes("@")) return undefined;
  const rest = name.slice(0, start) + instead + name.slice(end);
  if (dockerfile.stages.some((stage) => stage.name === rest)) return undefined;
  const { column } = range;
  return { range: { ...range, column: column + start, endColumn: column + end }, text: instead };
}
