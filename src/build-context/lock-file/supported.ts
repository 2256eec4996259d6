/**
 * `supportedArchitectures`: for which systems pnpm and Yarn install packages, wherever they run (pnpm.io, "Settings";
 * yarnpkg.com, ".yarnrc.yml"). Where it leaves out `current` and the platform, an install in the image lacks its native packages.
 */
import { parseDocument } from "yaml";
import * as z from "zod";
import { type Architecture, formatPlatform, type Platform } from "../../platform/platform.ts";

const words = z
  .union([z.string().transform((one) => [one]), z.array(z.string())])
  .nullish()
  .catch(undefined);
const supported = z.object({ os: words, cpu: words });
const setting = z.object({ supportedArchitectures: supported.nullish().catch(undefined) });
const manifest = z.object({ pnpm: setting.nullish().catch(undefined) });

type Supported = z.infer<typeof supported>;

/** Node's words for architectures (`process.arch`), where they are not Go's. */
const cpus: Readonly<Partial<Record<Architecture, string>>> = {
  amd64: "x64",
  "386": "ia32",
  ppc64le: "ppc64",
  mips64le: "mips64el",
};

/** Of pnpm-workspace.yaml and .yarnrc.yml. What cannot be read supports all: its own tool will say so. */
export function supportedInYaml(text: string | undefined): Supported | undefined {
  if (text?.includes("supportedArchitectures") !== true) return undefined;
  const document = parseDocument(text);
  if (document.errors.length > 0) return undefined;
  try {
    const read = setting.safeParse(document.toJS({ maxAliasCount: 100 }));
    return read.data?.supportedArchitectures ?? undefined;
  } catch {
    // An alias of something that is not there.
    return undefined;
  }
}

/** Of package.json, where pnpm before 10 has it. */
export function supportedInManifest(text: string | undefined): Supported | undefined {
  if (text?.includes("supportedArchitectures") !== true) return undefined;
  try {
    return manifest.safeParse(JSON.parse(text)).data?.pnpm?.supportedArchitectures ?? undefined;
  } catch {
    return undefined;
  }
}

/** The sentence that says that the platform is left out; `undefined` where it is not. */
export function unsupportedSentence(
  file: string,
  { os, cpu }: Supported,
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
