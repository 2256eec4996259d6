/**
 * `Gemfile.lock` (bundler.io, "bundle lock"): the platforms that it was made for. Where the lock file is frozen, as a deployment's
 * is, Bundler installs nothing on another one; else it adds that itself.
 */
import { machineOf } from "../../platform/machine.ts";
import { formatPlatform, type Platform } from "../../platform/platform.ts";
import { listed } from "../listed.ts";
import type { LockFile, LockProblem } from "./lock.ts";

export function readGemfileLock(
  { path, text }: LockFile,
  platforms: readonly Platform[],
): readonly LockProblem[] {
  if (!/^DEPENDENCIES\r?$/m.test(text)) throw new SyntaxError("it is not a lock file of Bundler");
  const named = platformsIn(text);
  // Gems of `ruby` are compiled where they are installed, and those of Java run wherever that does.
  if (named.length === 0 || named.some((one) => /^ruby$|java/.test(one))) return [];
  return platforms.filter(isKnown).flatMap((platform) => {
    const wanted = `${machineOf(platform)}-${platform.os}`;
    if (named.some((one) => one === wanted || one.startsWith(`${wanted}-`))) return [];
    return [
      {
        platform,
        detail: `${path} is for ${listed(named)} alone: frozen, as with BUNDLE_DEPLOYMENT, nothing is installed by it on ${formatPlatform(platform)}.`,
        fix: `bundle lock --add-platform ${wanted}`,
        isInProduction: true,
        failure: `Your bundle only supports platforms ${JSON.stringify(named)} but your local platform is ${wanted}.`,
      },
    ];
  });
}

/** Whether RubyGems calls the machine as the kernel does. */
function isKnown({ architecture }: Platform): boolean {
  return architecture !== "arm" && architecture !== "386";
}

function platformsIn(text: string): readonly string[] {
  const lines = text.split(/\r?\n/);
  const from = lines.indexOf("PLATFORMS") + 1;
  const to = lines.findIndex((line, at) => at >= from && !/^ +\S/.test(line));
  return from === 0 ? [] : lines.slice(from, to).map((line) => line.trim());
}
