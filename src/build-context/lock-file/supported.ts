/**
 * `supportedArchitectures`: for which systems pnpm and Yarn install packages, wherever they run (pnpm.io, "Settings";
 * yarnpkg.com, ".yarnrc.yml"). Where it leaves out `current` and the platform, an install in the image lacks its native packages.
 */
import { type Architecture, formatPlatform, type Platform } from "../../platform/platform.ts";
import type { Supported } from "./lock.ts";
import { settingsBeside } from "./name.ts";

/** Node's words for architectures (`process.arch`), where they are not Go's. */
const cpus: Readonly<Partial<Record<Architecture, string>>> = {
  amd64: "x64",
  "386": "ia32",
  ppc64le: "ppc64",
  mips64le: "mips64el",
};

/** What the settings beside a lock file say. `read` gives the text of a file that lies there, if one does. */
export async function supportedBeside(
  lockFile: string,
  read: (file: string) => Promise<string | undefined>,
): Promise<Supported | undefined> {
  for (const file of settingsBeside(lockFile)) {
    const text = await read(file);
    if (text?.includes("supportedArchitectures") !== true) continue;
    // With it come readers of YAML and JSON, which few need to wait for.
    const { supportedIn } = await import("./settings.ts");
    const found = supportedIn(file, text);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The sentence that says that the platform is left out; `undefined` where it is not. */
export function unsupportedSentence(
  { file, os, cpu }: Supported,
  platform: Platform,
): string | undefined {
  const word = cpus[platform.architecture] ?? platform.architecture;
  const lacks = [
    ...(isIn(os, platform.os) ? [] : [`os ${platform.os}`]),
    ...(isIn(cpu, word) ? [] : [`cpu ${word}`]),
  ];
  if (lacks.length === 0) return undefined;
  return `supportedArchitectures in ${file} names neither current nor ${lacks.join(" and ")}: on ${formatPlatform(platform)} the native packages are left out.`;
}

/** A list that is absent or empty stands for the machine that it runs on. */
function isIn(list: readonly string[] | null | undefined, word: string): boolean {
  if (list === undefined || list === null || list.length === 0) return true;
  return list.includes("current") || list.includes(word);
}
