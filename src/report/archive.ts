/** The result of `ship --to`, for people and for machines. */
import { formatSize } from "../oci/size.ts";
import type { ArchiveResult } from "../ship/archive/archive.ts";
import { statusMark } from "./mark.ts";
import type { Style } from "./style.ts";

/** What is where, its sum as `sha256sum` prints it, and what to do with it. */
export function archiveText(result: ArchiveResult, style: Style): string {
  const { outcome, image, file, platforms, bytes = 0, bytesTotal, sha256, durationMs } = result;
  const what = `${image} (${platforms.map(({ platform }) => platform).join(", ")})`;
  if (outcome === "planned") {
    const amount = `${formatSize(bytesTotal)} of layers`;
    return `${statusMark("skip", style)} ${what} would be written: ${amount}\nNothing was written (--dry-run).`;
  }
  const amount = `${formatSize(bytes)}, ${(durationMs / 1000).toFixed(1)} s`;
  const lines = [
    `${statusMark("pass", style)} ${what} is in ${file ?? "standard output"}: ${amount}`,
    `${sha256 ?? ""}  ${file ?? "-"}`,
  ];
  if (file === undefined) return lines.join("\n");
  return [
    ...lines,
    `Next: transship ship --from ${file} SERVER; or there: docker load --input ${file}`,
  ].join("\n");
}

export function archiveDocument(result: ArchiveResult): Readonly<Record<string, unknown>> {
  const { digest, bytesSent, bytesTotal, layersSent, layersPresent, ...rest } = result;
  const { subject: _subject, durationMs: _durationMs, ...known } = rest;
  const { file = null, sha256 = null, bytes = null, ...more } = known;
  return {
    digest,
    via: "archive",
    bytesSent,
    bytesTotal,
    layersSent,
    layersPresent,
    ...more,
    file,
    sha256,
    bytes,
  };
}
