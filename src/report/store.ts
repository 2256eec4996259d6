/** The results of `store ls` and `store prune`, for people and for machines. */
import { shortDigest } from "../oci/digest.ts";
import { formatSize } from "../oci/size.ts";
import { counted, sized } from "../store/amount.ts";
import type { StoredImage, StoreListing } from "../store/list.ts";
import type { PrunedName, PruneResult } from "../store/prune.ts";
import { formatAge } from "./age.ts";
import { statusMark } from "./mark.ts";
import type { Style } from "./style.ts";

const header = ["NAME", "PLATFORMS", "DIGEST", "ALONE", "SHARED", "AGE"];

/** A table of the images, what is wrong with one below it; then the whole. */
export function listingText(listing: StoreListing, style: Style): string {
  const { images, store, takenMs } = listing;
  if (images.length === 0 && listing.totals.blobs.count === 0)
    return `The store ${store} is empty.`;
  const rows = images.map((image) => ({ image, cells: cellsOf(image, takenMs) }));
  const widths = header.map((title, n) =>
    Math.max(title.length, ...rows.map(({ cells }) => cells[n]?.length ?? 0)),
  );
  const lines = images.length === 0 ? [] : [style("bold", tableLine(header, widths))];
  for (const { image, cells } of rows)
    lines.push(tableLine(cells, widths), ...problemLines(image, style));
  return [...lines, ...totalLines(listing)].join("\n");
}

function tableLine(cells: readonly string[], widths: readonly number[]): string {
  const padded = cells.map((cell, n) => {
    const width = widths[n] ?? 0;
    return isNumber(n) ? cell.padStart(width) : cell.padEnd(width);
  });
  return padded.join("  ").trimEnd();
}

const isNumber = (column: number) => column >= 3;

function cellsOf(image: StoredImage, takenMs: number): readonly string[] {
  const { label, platforms, digest, ownBytes, sharedBytes, builtMs } = image;
  return [
    label,
    platforms.length === 0 ? "-" : platforms.join(", "),
    shortDigest(digest),
    formatSize(ownBytes),
    formatSize(sharedBytes),
    builtMs === undefined ? "-" : formatAge(takenMs - builtMs),
  ];
}

/** A missing index would be told of each of its hundred layers. */
const mostProblems = 3;

function problemLines({ problems, state }: StoredImage, style: Style): readonly string[] {
  if (problems.length === 0) return [];
  const mark = statusMark(state === "broken" ? "fail" : "warn", style);
  const shown = problems.slice(0, mostProblems);
  const more = problems.length - shown.length;
  return [
    ...shown.map(({ digest, problem }) => `  ${mark} ${shortDigest(digest)}: ${problem}`),
    ...(more > 0 ? [`  ${mark} and ${more} more`] : []),
    "    → build it again",
  ];
}

function totalLines({ images, store, totals }: StoreListing): readonly string[] {
  const { blobs, unnamed, leftovers, facts } = totals;
  const held = [counted(images.length, "name"), sized(blobs, "blob")].join(", ");
  const kept = facts.count === 0 ? "" : `; beside it facts of ${sized(facts, "layer")}`;
  const loose = [
    ...(unnamed.count === 0 ? [] : [sized(unnamed, "blob")]),
    ...(leftovers.count === 0 ? [] : [sized(leftovers, "leftover")]),
  ];
  return [
    `${store}: ${held}${kept}.`,
    ...(loose.length === 0
      ? []
      : [`No name leads to ${loose.join(" and ")}. To remove them: transship store prune`]),
  ];
}

export function listingDocument({
  store,
  images,
  totals,
}: StoreListing): Readonly<Record<string, unknown>> {
  const { blobs, unnamed, leftovers, facts } = totals;
  return {
    store,
    images: images.map(({ label: _label, name, tag, builtMs, ...image }) => ({
      name: name ?? null,
      tag: tag ?? null,
      ...image,
      lastBuilt: builtMs === undefined ? null : new Date(builtMs).toISOString(),
    })),
    totals: {
      names: images.length,
      blobs: blobs.count,
      bytes: blobs.bytes,
      unnamedBlobs: unnamed.count,
      unnamedBytes: unnamed.bytes,
      leftovers: leftovers.count,
      leftoverBytes: leftovers.bytes,
      facts: facts.count,
      factsBytes: facts.bytes,
    },
  };
}

const reasons = {
  broken: "no platform of it is whole",
  matched: "it was named",
  old: "no build wrote or found it for so long",
  full: "to make room",
} as const;

/** Each name that went and why, what went in all, and what is left. */
export function pruneText(result: PruneResult, style: Style): string {
  const { names, outcome, left, store } = result;
  const gone = goneWords(result);
  const would = outcome === "planned" ? "Would remove" : "Removed";
  return [
    ...names.map((name) => nameLine(name, style)),
    gone === "" ? "There is nothing to remove." : style("bold", `${would} ${gone}.`),
    ...sparedLines(result),
    `${store}: ${counted(left.names, "name")}, ${sized({ count: left.blobs, bytes: left.bytes }, "blob")}${outcome === "planned" ? " would be left" : ""}.`,
  ].join("\n");
}

function nameLine({ name, digest, reason, bytes }: PrunedName, style: Style): string {
  return `${name}  ${shortDigest(digest)}  ${formatSize(bytes)}  ${style("dim", reasons[reason])}`;
}

function goneWords({ names, blobs, leftovers, facts }: PruneResult): string {
  return [
    ...(names.length === 0 ? [] : [counted(names.length, "name")]),
    ...(blobs.count === 0 ? [] : [sized(blobs, "blob")]),
    ...(leftovers.count === 0 ? [] : [sized(leftovers, "leftover")]),
    ...(facts.count === 0 ? [] : [`facts of ${sized(facts, "layer")}`]),
  ].join(", ");
}

function sparedLines({ spared, isBeingWritten }: PruneResult): readonly string[] {
  if (spared.count === 0) return [];
  const what = sized(spared, "blob");
  return [
    isBeingWritten
      ? `A docker buildx build is writing into the store; without a name, and not removed: ${what}.`
      : `Without a name, and younger than 10 minutes: ${what}. A docker buildx build may be writing them; they stay.`,
  ];
}

export function pruneDocument(result: PruneResult): Readonly<Record<string, unknown>> {
  const { store, outcome, steps, names, blobs, leftovers, facts, spared, left } = result;
  return {
    store,
    outcome,
    steps,
    removed: {
      names,
      blobs: blobs.count,
      bytes: blobs.bytes,
      leftovers: leftovers.count,
      leftoverBytes: leftovers.bytes,
      facts: facts.count,
      factsBytes: facts.bytes,
    },
    spared: { blobs: spared.count, bytes: spared.bytes, beingWritten: result.isBeingWritten },
    left,
  };
}
