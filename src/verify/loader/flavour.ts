/** What a loader was built with: its default directories, its cache, the names of its platform. */
import type { LoadedObject } from "./load.ts";
import type { Architecture } from "../../platform/platform.ts";

/** The settings of one build of glibc's loader. */
export interface GlibcBuild {
  /** With a trailing slash, in the order in which they are searched (`SYSTEM_DIRS`). */
  readonly directories: readonly string[];
  /** What `$LIB` stands for. */
  readonly lib: string;
  /** What `$PLATFORM` stands for on the architecture's plain processors. */
  readonly platform: string;
  /** The flags of a cache entry that it takes (`_DL_CACHE_DEFAULT_ID`, `sysdeps/.../dl-cache.h`). */
  readonly cacheFlags: readonly number[];
}

interface GlibcNames {
  readonly triplet: string;
  readonly lib64: boolean;
  readonly platform: string;
  readonly cacheFlags: readonly number[];
}

const glibcNames: Readonly<Partial<Record<Architecture, GlibcNames>>> = {
  amd64: names("x86_64-linux-gnu", true, "x86_64", 0x0303),
  "386": names("i386-linux-gnu", false, "i686", 0x0003),
  arm64: names("aarch64-linux-gnu", true, "aarch64", 0x0a03),
  // Hard float.
  arm: names("arm-linux-gnueabihf", false, "v7l", 0x0903),
  riscv64: names("riscv64-linux-gnu", true, "riscv64", 0x1003),
  ppc64le: names("powerpc64le-linux-gnu", true, "power8", 0x0503),
  s390x: names("s390x-linux-gnu", true, "z900", 0x0403),
  loong64: names("loongarch64-linux-gnu", true, "loongarch64", 0x1203),
  mips64le: names("mips64el-linux-gnuabi64", true, "mips", 0x0703),
};

/** Of 32-bit ARM with soft float (Debian's armel). */
const softFloatFlags = 0x0b03;

function names(triplet: string, lib64: boolean, platform: string, flags: number): GlibcNames {
  return { triplet, lib64, platform, cacheFlags: [flags] };
}

/**
 * How that loader was built. Its own default directories are read from the file where they stand in it; else Debian's where
 * it lives in a directory named by Debian's triplet, else the usual ones.
 */
export function glibcBuild(
  loader: Pick<LoadedObject, "path" | "node">,
  architecture: Architecture,
): GlibcBuild {
  const own = glibcNames[architecture];
  const { platform = "", triplet = "", lib64 = false } = own ?? {};
  const isSoftFloat = architecture === "arm" && !loader.path.includes("armhf");
  const cacheFlags = isSoftFloat ? [softFloatFlags] : (own?.cacheFlags ?? []);
  const { content } = loader.node.entry;
  const directories =
    (content?.kind === "elf" ? content.directories : undefined) ??
    defaultDirectories(loader.path, triplet, lib64);
  const [first = "/lib/"] = directories;
  const lib = first.replaceAll(/^\/(?:usr\/)?|\/$/g, "");
  return { directories, lib, platform, cacheFlags };
}

function defaultDirectories(path: string, triplet: string, lib64: boolean): readonly string[] {
  if (triplet !== "" && path.includes(`/${triplet}/`)) {
    return [`/lib/${triplet}/`, `/usr/lib/${triplet}/`, "/lib/", "/usr/lib/"];
  }
  return lib64 ? ["/lib64/", "/usr/lib64/"] : ["/lib/", "/usr/lib/"];
}

/** Which C library's loader that is, told by its file name. */
export function loaderKind(path: string): "glibc" | "musl" | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (path.includes("musl")) return "musl";
  if (/^ld(?:-linux|64|-[\d.]+\.so|\.so)/.test(name)) return "glibc";
  return undefined;
}
