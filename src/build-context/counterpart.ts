/** Packages that carry their programs for many platforms: one of them is no proof of the machine that they were installed on. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import type { Platform } from "../platform/platform.ts";
import { architectureInName, isNamedFor, isSystemName, platformInName } from "./platform-name.ts";

/** The names in a directory; none where it cannot be read. */
export type NamesIn = (directory: string) => Promise<readonly string[]>;

async function namesIn(directory: string): Promise<readonly string[]> {
  return await readdir(directory).catch(() => []);
}

/**
 * Whether beside a file, or beside a directory above it, stands what bears the platform's name where it bears another's:
 * `prebuilds/linux-x64` beside `prebuilds/darwin-arm64`, `bin/linux/x64` beside `bin/darwin/arm64`. `segments` are the path's, and
 * those from `start` on are looked at.
 */
export async function hasCounterpart(
  { root, segments, start }: { root: string; segments: readonly string[]; start: number },
  platform: Platform,
  names: NamesIn = namesIn,
): Promise<boolean> {
  for (const [index, segment] of segments.entries()) {
    if (index < start) continue;
    const directory = path.join(root, ...segments.slice(0, index));
    const own = platformInName(segment);
    if (own !== undefined) {
      const others = (await names(directory)).map(platformInName);
      const isBeside = others.some(
        (other) => other?.family === own.family && isNamedFor(other, platform),
      );
      if (isBeside) return true;
    } else if (isSystemName(segment)) {
      const others = await names(path.join(directory, platform.os));
      if (others.some((other) => architectureInName(other) === platform.architecture)) return true;
    }
  }
  return false;
}
