/**
 * Platforms as the OCI image index writes them: `os/architecture[/variant]`.
 * Names are normalized as containerd does (github.com/containerd/platforms, database.go).
 */
import { fail, isFailure } from "../errors.ts";

/** A parsed platform. Made by {@link parsePlatform} only, so its words are known ones. */
export interface Platform {
  readonly os: string;
  readonly architecture: Architecture;
  /** `v7`, `v6` … of arm; absent where the architecture has a default one. */
  readonly variant?: string;
}

/** Go's names of the architectures that Linux images are published for. */
export const architectures = [
  "amd64",
  "arm64",
  "arm",
  "386",
  "riscv64",
  "ppc64le",
  "s390x",
  "loong64",
  "mips64le",
] as const;

export type Architecture = (typeof architectures)[number];

/** What people and vendors write for an architecture; the kernel's, Debian's and Rust's words. */
const aliases: Readonly<Record<string, { architecture: Architecture; variant?: string }>> = {
  x86_64: { architecture: "amd64" },
  "x86-64": { architecture: "amd64" },
  aarch64: { architecture: "arm64" },
  armhf: { architecture: "arm", variant: "v7" },
  armv7l: { architecture: "arm", variant: "v7" },
  armel: { architecture: "arm", variant: "v6" },
  armv6l: { architecture: "arm", variant: "v6" },
  i386: { architecture: "386" },
  i686: { architecture: "386" },
};

/** The variant that an architecture has when none is written; it is left out of the normal form. */
const defaultVariants: Readonly<Partial<Record<Architecture, string>>> = {
  arm64: "v8",
  amd64: "v1",
};

const knownPlatforms = [
  "linux/amd64",
  "linux/arm64",
  "linux/arm/v7",
  "linux/arm/v6",
  "linux/386",
  "linux/riscv64",
  "linux/ppc64le",
  "linux/s390x",
] as const;

/**
 * Reads `linux/amd64`, `linux/arm/v7`, or an architecture alone (`amd64`, `x86_64`; the system is then Linux).
 * @throws PLATFORM_UNKNOWN when a word of it is not known.
 */
export function parsePlatform(text: string): Platform {
  const words = text.trim().toLowerCase().split("/");
  const [os, architecture, variant, ...rest] = words.length === 1 ? ["linux", ...words] : words;
  if (os !== "linux" || architecture === undefined || rest.length > 0) throw unknownPlatform(text);
  return normalizePlatform(text, os, architecture, variant);
}

/** The same; `undefined` for what is no platform that is known. */
export function readPlatform(text: string): Platform | undefined {
  try {
    return parsePlatform(text);
  } catch (error) {
    if (isFailure(error)) return undefined;
    throw error;
  }
}

/** The normal form of an index's or config's own words; `undefined` for `unknown/unknown` and for systems other than Linux. */
export function platformOf(words: {
  readonly os?: string | undefined;
  readonly architecture?: string | undefined;
  readonly variant?: string | undefined;
}): Platform | undefined {
  if (words.os !== "linux" || words.architecture === undefined) return undefined;
  if (!isArchitecture(words.architecture) && aliases[words.architecture] === undefined)
    return undefined;
  const text = [words.os, words.architecture, words.variant].filter(Boolean).join("/");
  return normalizePlatform(text, words.os, words.architecture, words.variant || undefined);
}

/** `linux/amd64`, `linux/arm/v7`. */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join("/");
}

/** `amd64`, `arm-v7`: the platform as a part of a tag, as in `local-amd64`. */
export function platformSuffix(platform: Platform): string {
  return [platform.architecture, platform.variant].filter(Boolean).join("-");
}

export function samePlatform(one: Platform, other: Platform): boolean {
  return formatPlatform(one) === formatPlatform(other);
}

function normalizePlatform(
  text: string,
  os: string,
  architecture: string,
  variant: string | undefined,
): Platform {
  const known = isArchitecture(architecture) ? { architecture } : aliases[architecture];
  if (known === undefined) throw unknownPlatform(text);
  const named =
    variant ?? ("variant" in known ? known.variant : undefined) ?? armDefault(known.architecture);
  if (named !== undefined && !/^v[1-9]$/.test(named)) throw unknownPlatform(text);
  const isDefault = named === undefined || named === defaultVariants[known.architecture];
  return { os, architecture: known.architecture, ...(isDefault ? {} : { variant: named }) };
}

function armDefault(architecture: Architecture): string | undefined {
  return architecture === "arm" ? "v7" : undefined;
}

function isArchitecture(word: string): word is Architecture {
  return (architectures as readonly string[]).includes(word);
}

function unknownPlatform(platform: string) {
  return fail("PLATFORM_UNKNOWN", { platform, known: knownPlatforms });
}
