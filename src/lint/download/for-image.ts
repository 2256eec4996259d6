/** Downloads that surely are for another machine than the one that will run them, and those by a word that their vendor does not have. */
import type { Range } from "../../dockerfile/range.ts";
import { type Architecture, type Platform, samePlatform } from "../../platform/platform.ts";
import { architecturesIn, type Named } from "../architecture.ts";
import { isForImage } from "../carried.ts";
import { oncePerView } from "../once.ts";
import { programsOf } from "../step.ts";
import type { StageView, TargetView } from "../view.ts";
import { type Download, downloadsIn } from "./download.ts";
import { vendorOf } from "./vendor.ts";

export interface UnfitDownload {
  readonly download: Download;
  /** What is written for the architecture. */
  readonly word: string;
  readonly range: Range;
  /** The platform that it has to be for. */
  readonly platform: Platform;
  /** The command whose answer the word is. */
  readonly asked?: string | undefined;
  /** Whose name for the platform it should be, and which; absent where the word is another architecture's. */
  readonly vendor?: { readonly name: string; readonly word: string };
}

export const downloadsFor = oncePerView((view) =>
  view.stages.flatMap((stage): readonly UnfitDownload[] => {
    const downloads = downloadsIn(stage, view);
    return downloads.flatMap((download) => {
      const platform = platformFor(download, view);
      if (platform === undefined || !download.isCertain) return [];
      return unfitness(download, platform, downloads) ?? [];
    });
  }),
);

/** The platform that it is fetched for: its stage's, or on the machine that builds the target's, where the image gets it. */
function platformFor(download: Download, view: TargetView): Platform | undefined {
  const { stage, program, outputs } = download;
  if (stage.platform === undefined) return undefined;
  if (samePlatform(stage.platform, view.target)) return view.target;
  if (!stage.isBuilders || program === undefined || outputs === undefined) return undefined;
  return isForImage(program, outputs, view) ? view.target : undefined;
}

function unfitness(
  download: Download,
  platform: Platform,
  all: readonly Download[],
): UnfitDownload | undefined {
  const named = namedIn(download.text);
  const [first] = named;
  if (first === undefined) return undefined;
  const { architecture } = platform;
  const own = named.filter((one) => one.architecture === architecture);
  if (own.length > 0) return byAnotherWord(download, platform, own);
  const isFetchedToo = all.some((other) => isSameFor(other, download, architecture));
  return isFetchedToo || isForCompiling(first, download.stage)
    ? undefined
    : unfit(download, first, platform);
}

function unfit(download: Download, { word, start, end }: Named, platform: Platform): UnfitDownload {
  const { rangeOf, askedIn } = download;
  return { download, word, range: rangeOf(start, end), platform, asked: askedIn(start, end) };
}

/** Whether the vendor has another word for the architecture than each of those that are written. */
function byAnotherWord(
  download: Download,
  platform: Platform,
  own: readonly Named[],
): UnfitDownload | undefined {
  const vendor = vendorOf(download.text);
  const words = vendor?.words[platform.architecture];
  const [first] = own;
  if (vendor === undefined || words === undefined || first === undefined) return undefined;
  const [usual = ""] = words;
  if (own.some(({ word }) => words.includes(word))) return undefined;
  return { ...unfit(download, first, platform), vendor: { name: vendor.name, word: usual } };
}

/** What is for another system, for compiling or for emulating, is not meant for the machine that runs it. */
const elsewhere =
  /darwin|macos|apple|osx|windows|win32|win64|\bwin-|freebsd|android|cross|qemu|toolchain|sysroot|binfmt|multiarch|noarch|universal|\.(?:exe|msi|dmg)\b/i;

/** Keys, checksums, lists and the like are for no machine, nor is the list of a directory, or a package that says so. */
const forNone =
  /\/$|_all\.deb\b|-any\.whl\b|\.(?:asc|sig|gpg|pub|key|pem|crt|sha\d+(?:sums?)?|md5|txt|md|json|ya?ml|xml|html?|xpi|list|repo)(?:$|[?#])/i;

function namedIn(text: string): readonly Named[] {
  if (elsewhere.test(text) || forNone.test(text)) return [];
  // The name of a project says nothing of its files.
  const [project = ""] =
    /^https?:\/\/(?:www\.)?(?:github|gitlab)\.com\/[^/]+\/[^/]+\//.exec(text) ??
    /^https?:\/\/[^/]+/.exec(text) ??
    [];
  return architecturesIn(text).filter(({ start }) => start >= project.length);
}

/** Whether the stage has directories or programs of a cross compiler for it, `aarch64-linux-gnu`. On amd64 those are its own as well. */
function isForCompiling({ architecture }: Named, stage: StageView): boolean {
  if (architecture === "amd64" || architecture === "386") return false;
  return programsOf(stage).some(
    ({ word, args }) =>
      isTriple(word.text, architecture) || args.some(({ text }) => isTriple(text, architecture)),
  );
}

function isTriple(text: string, architecture: Architecture): boolean {
  return architecturesIn(text).some(
    (named) =>
      named.architecture === architecture &&
      /^-(?:\w+-)?linux-(?:gnu|musl)/.test(text.slice(named.end)),
  );
}

/** Whether the other one fetches the same for that architecture: the next round of a loop, or the next line. */
function isSameFor(other: Download, download: Download, architecture: Architecture): boolean {
  return (
    namedIn(other.text).some((one) => one.architecture === architecture) &&
    withoutNames(other.text) === withoutNames(download.text)
  );
}

function withoutNames(text: string): string {
  let rest = text;
  for (const { start, end } of namedIn(text).toReversed()) {
    rest = `${rest.slice(0, start)}*${rest.slice(end)}`;
  }
  return rest;
}
