/** A document in which other parts stand in the place of its own. What nothing here knows stays as it is written. */
import * as z from "zod";
import type { Descriptor } from "./document.ts";

const record = z.record(z.string(), z.unknown());
const records = z.array(record);

/**
 * The bytes of a manifest with other layers, or of an index with other manifests: one for each that it has, in their order;
 * `undefined` takes one out. Of an entry everything else stays, but what is said of the old bytes alone (descriptor.md: `data`, `urls`).
 * The document has been parsed before, by `parseManifest` or `parseIndex`.
 */
export function withParts(
  document: Uint8Array,
  key: "layers" | "manifests",
  parts: readonly (Descriptor | undefined)[],
): Uint8Array {
  const written = record.parse(JSON.parse(new TextDecoder().decode(document)));
  const altered = records.parse(written[key]).flatMap((entry, n) => {
    const part = parts[n];
    if (part === undefined) return [];
    if (part.digest === entry["digest"]) return [entry];
    const { data: _data, urls: _urls, ...rest } = entry;
    return [{ ...rest, mediaType: part.mediaType, digest: part.digest, size: part.size }];
  });
  return Buffer.from(JSON.stringify({ ...written, [key]: altered }));
}
