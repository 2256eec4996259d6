/**
 * Where a build's cache is kept, as `--cache-to` and `--cache-from` name it (docker/docs, build/cache/backends). Builders of several
 * nodes each write their own platforms there, and whoever writes last would be all that is left: so each platform gets a place of its own.
 */
import { familiarName, readReference, withTag } from "../oci/reference.ts";
import { type Platform, platformSuffix } from "../platform/platform.ts";
import { csvField } from "./build.ts";

/** The place of those platforms' cache; `undefined` where the kind has none of its own, as `inline` has. */
export function cacheOfPlatforms(spec: string, platforms: readonly Platform[]): string | undefined {
  const fields = readFields(spec);
  const suffix = platforms.map(platformSuffix).toSorted().join("-");
  const kind = fields.get("type") ?? "registry";
  switch (kind) {
    case "registry": {
      const reference = readReference(fields.get("ref") ?? spec);
      if (reference === undefined || reference.digest !== undefined) return undefined;
      const own = withTag(reference, `${reference.tag ?? "latest"}-${suffix}`);
      return write(fields.set("type", kind).set("ref", familiarName(own)));
    }
    case "local": {
      for (const end of ["dest", "src"]) {
        const directory = fields.get(end);
        if (directory !== undefined) fields.set(end, `${directory.replace(/\/+$/, "")}/${suffix}`);
      }
      return write(fields);
    }
    // What GitHub's cache calls a scope, the object stores call a name; all of them are "buildkit" where none is given.
    case "gha":
      return write(fields.set("scope", `${fields.get("scope") ?? "buildkit"}-${suffix}`));
    case "s3":
    case "azblob":
      return write(fields.set("name", `${fields.get("name") ?? "buildkit"}-${suffix}`));
    default:
      return undefined;
  }
}

/** One line of CSV of `name=value` (RFC 4180); a word without a type is an image's name. */
function readFields(spec: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [, quoted, bare = ""] of spec.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    const field = quoted?.replaceAll('""', '"') ?? bare;
    const at = field.indexOf("=");
    if (at > 0) fields.set(field.slice(0, at).toLowerCase(), field.slice(at + 1));
  }
  return fields.has("type") ? fields : new Map<string, string>();
}

function write(fields: ReadonlyMap<string, string>): string {
  return [...fields].map(([name, value]) => csvField(`${name}=${value}`)).join(",");
}
