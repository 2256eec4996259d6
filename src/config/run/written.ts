/** How a volume stands in the project's files. Compose makes its path absolute, and where it was relative it means another machine. */
import path from "node:path";
import { itemsAt, type ParsedSource, type Way } from "../locate.ts";

export interface Written {
  /** Of the entry, or of the list where it is not told which. */
  readonly way: Way;
  /** What stands there before the colon, or as `source`; variables are not filled in. */
  readonly source?: string;
}

/** The last entry with that target: in Compose too it takes the place of those before it. */
export function writtenVolume(
  list: Way,
  target: string,
  sources: readonly ParsedSource[],
): Written {
  const entries = itemsAt(list, sources).map(entryOf);
  const index = entries.findLastIndex((entry) => entry.target === plain(target));
  const source = entries[index]?.source;
  if (index === -1) return { way: list };
  return { way: [...list, index], ...(source === undefined ? {} : { source }) };
}

function entryOf(item: unknown): { readonly source?: string; readonly target?: string } {
  if (typeof item === "string") {
    const [first = "", second] = item.split(":");
    return second === undefined
      ? { target: plain(first) }
      : { source: first, target: plain(second) };
  }
  if (typeof item !== "object" || item === null) return {};
  const source = "source" in item && typeof item.source === "string" ? item.source : undefined;
  const target = "target" in item && typeof item.target === "string" ? item.target : undefined;
  return {
    ...(source === undefined ? {} : { source }),
    ...(target === undefined ? {} : { target: plain(target) }),
  };
}

function plain(target: string): string {
  return path.posix.join("/", target).replace(/(.)\/$/, "$1");
}
