/** Images whose name says which one platform they are for, as far as their publishers promise it. */
import { parsePlatform, type Platform } from "../platform/platform.ts";

export interface SinglePlatform {
  readonly platform: Platform;
  /** The stretch of the name that says it. */
  readonly start: number;
  readonly end: number;
  /** What stands there in the name of the same image for every platform; undefined where there is none. */
  readonly instead?: string;
  /** Whether it is an index with one platform in it, of which BuildKit takes nothing for another one. */
  readonly isIndex: boolean;
  /** Whether programs are in it, and not only files that are the same everywhere. */
  readonly hasPrograms: boolean;
}

interface Publisher {
  /** Of the name without its digest. The group `word` names the platform, `part` is what a name for all platforms lacks. */
  readonly pattern: RegExp;
  readonly isIndex?: true;
}

const publishers: readonly Publisher[] = [
  // https://github.com/docker-library/official-images#architectures-other-than-amd64
  {
    pattern:
      /^(?:(?:index\.)?docker\.io\/)?(?<part>(?<word>amd64|arm32v5|arm32v6|arm32v7|arm64v8|i386|mips64le|ppc64le|riscv64|s390x)\/)[^/:]+(?::|$)/d,
    isIndex: true,
  },
  // https://github.com/GoogleContainerTools/distroless, "Architecture Suffixes"
  {
    pattern:
      /^gcr\.io\/distroless\/[^:]+:[^:]+(?<part>-(?<word>amd64|arm64|arm|s390x|ppc64le|riscv64))$/d,
  },
  // https://mcr.microsoft.com/artifact/mar/dotnet/runtime/tags
  {
    pattern: /^mcr\.microsoft\.com\/dotnet\/[^:]+:[^:]+(?<part>-(?<word>amd64|arm64v8|arm32v7))$/d,
  },
  // https://docs.linuxserver.io/general/understanding-tags
  {
    pattern:
      /^(?:(?:lscr|ghcr|docker)\.io\/)?linuxserver\/[^:]+:(?<part>(?<word>amd64|arm64v8|arm32v7)-)[^:]+$/d,
  },
  // https://github.com/pypa/manylinux
  {
    pattern:
      /^quay\.io\/pypa\/(?:many|musl)linux[^:]*_(?<word>x86_64|aarch64|i686|armv7l|ppc64le|s390x|riscv64)(?::|$)/d,
  },
];

const platforms: Readonly<Record<string, string>> = {
  arm32v5: "linux/arm/v5",
  arm32v6: "linux/arm/v6",
  arm32v7: "linux/arm/v7",
  arm64v8: "linux/arm64",
};

/** Reads an image's name; undefined where it says nothing that is certain. */
export function singlePlatformOf(name: string): SinglePlatform | undefined {
  const [named = ""] = name.split("@");
  for (const { pattern, isIndex = false } of publishers) {
    const match = pattern.exec(named);
    const word = match?.groups?.["word"];
    if (match === null || word === undefined) continue;
    const { part, word: own } = match.indices?.groups ?? {};
    const [start, end] = part ?? own ?? [0, 0];
    const instead = part === undefined ? {} : { instead: isIndex && start > 0 ? "library/" : "" };
    const platform = parsePlatform(platforms[word] ?? word);
    const hasPrograms = !named.startsWith("gcr.io/distroless/static");
    return { platform, start, end, ...instead, isIndex, hasPrograms };
  }
  return undefined;
}
