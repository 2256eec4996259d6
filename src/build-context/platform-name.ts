/**
 * The platform that a package, a directory or a file bears in its name: `@esbuild/linux-x64`, `swc-linux-arm64-musl`,
 * `prebuilds/darwin-arm64`. No standard says so; these are the words that publishers of native packages for Node use.
 */
import type { Architecture, Platform } from "../platform/platform.ts";

export interface NamedPlatform {
  /** `darwin`, `linux`, `win32` …; `linux` for `linuxmusl`. */
  readonly os: string;
  /** `undefined` where the word is not one of Go's: `universal`. */
  readonly architecture: Architecture | undefined;
  /** The name with a star where the platform stood: the same for one package's builds. */
  readonly family: string;
}

const systems =
  "darwin|macos|osx|linuxmusl|linux|win32|windows|win|freebsd|openbsd|netbsd|android|aix|sunos|openharmony|cygwin";

const architectures: Readonly<Record<string, Architecture>> = {
  x64: "amd64",
  amd64: "amd64",
  x86_64: "amd64",
  "64": "amd64",
  arm64: "arm64",
  aarch64: "arm64",
  arm: "arm",
  armhf: "arm",
  armv6: "arm",
  armv7: "arm",
  armv7l: "arm",
  ia32: "386",
  i686: "386",
  x86: "386",
  "386": "386",
  "32": "386",
  riscv64: "riscv64",
  riscv64gc: "riscv64",
  ppc64: "ppc64le",
  ppc64le: "ppc64le",
  powerpc64le: "ppc64le",
  s390x: "s390x",
  loong64: "loong64",
  loongarch64: "loong64",
  mips64el: "mips64le",
};

const words = ["x64\\+arm64", "universal", ...Object.keys(architectures)]
  .toSorted((one, other) => other.length - one.length)
  .join("|");
const libraries = "gnueabihf|musleabihf|gnueabi|musleabi|gnu|glibc|musl|msvc|eabi";
const inName = new RegExp(
  `(?<![^-_./@+])(${systems})[-_](${words})(?:[-_](?:${libraries}))?(?![^-_./@+])`,
);
const systemAlone = new RegExp(`^(?:${systems})$`);

/** Reads a name, of a package or of a single file; `undefined` where it names no platform. */
export function platformInName(name: string): NamedPlatform | undefined {
  const found = inName.exec(name);
  if (found === null) return undefined;
  const [whole, os = "", architecture = ""] = found;
  return {
    os: os === "linuxmusl" ? "linux" : os,
    architecture: architectures[architecture],
    family: `${name.slice(0, found.index)}*${name.slice(found.index + whole.length)}`,
  };
}

/** Whether what bears that name was made for the platform, whichever C library it wants. */
export function isNamedFor(
  named: Pick<NamedPlatform, "os" | "architecture">,
  platform: Platform,
): boolean {
  return named.os === platform.os && named.architecture === platform.architecture;
}

/** Whether a directory's name is a system's alone, and its entries are named for architectures: `darwin/arm64`. */
export function isSystemName(name: string): boolean {
  return systemAlone.test(name);
}

/** Go's word for an architecture that is a whole name: `arm64` for `aarch64`. */
export function architectureInName(name: string): Architecture | undefined {
  return Object.hasOwn(architectures, name) ? architectures[name] : undefined;
}
