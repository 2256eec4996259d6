/** The words that tools have for an architecture, and the shell's line that turns TARGETARCH into one of them. */
import { type Architecture, formatPlatform, type Platform } from "../../platform/platform.ts";

export type Vocabulary =
  /** What `uname -m` prints. */
  | "machine"
  /** The triplet of Debian's compilers. */
  | "triplet"
  /** What `dpkg --print-architecture` prints. */
  | "debian"
  /** `process.arch` of Node, and .NET's word. */
  | "node"
  /** What meson calls a family of processors. */
  | "family";

type Words = Readonly<Partial<Record<Architecture, string>>>;

const vocabularies: Readonly<Record<Vocabulary, Words>> = {
  machine: {
    amd64: "x86_64",
    arm64: "aarch64",
    arm: "armv7l",
    "386": "i686",
    riscv64: "riscv64",
    ppc64le: "ppc64le",
    s390x: "s390x",
  },
  triplet: {
    amd64: "x86_64-linux-gnu",
    arm64: "aarch64-linux-gnu",
    arm: "arm-linux-gnueabihf",
    "386": "i686-linux-gnu",
    riscv64: "riscv64-linux-gnu",
    ppc64le: "powerpc64le-linux-gnu",
    s390x: "s390x-linux-gnu",
  },
  debian: {
    amd64: "amd64",
    arm64: "arm64",
    arm: "armhf",
    "386": "i386",
    riscv64: "riscv64",
    ppc64le: "ppc64el",
    s390x: "s390x",
  },
  node: {
    amd64: "x64",
    arm64: "arm64",
    arm: "arm",
    "386": "ia32",
    ppc64le: "ppc64",
    s390x: "s390x",
  },
  family: { amd64: "x86_64", arm64: "aarch64", arm: "arm", "386": "x86", riscv64: "riscv64" },
};

/** The shell's variable that holds a word of each vocabulary. */
const variables: Readonly<Record<Vocabulary, string>> = {
  machine: "MACHINE",
  triplet: "TRIPLET",
  debian: "DEBIAN_ARCH",
  node: "CPU",
  family: "FAMILY",
};

/** What people build for mostly stands in every line that is written, so that one more platform needs no new line. */
const usual: readonly Architecture[] = ["amd64", "arm64"];

/** `case "$TARGETARCH" in amd64) CPU=x64 ;; … esac`; undefined where a platform has no word, or not one of its own. */
export function translation(
  vocabulary: Vocabulary,
  platforms: readonly Platform[],
): string | undefined {
  if (platforms.some((platform) => formatPlatform(platform) === "linux/arm/v6")) return undefined;
  const words = vocabularies[vocabulary];
  const wanted = new Set([...usual, ...platforms.map(({ architecture }) => architecture)]);
  const cases: string[] = [];
  for (const architecture of wanted) {
    const word = words[architecture];
    if (word === undefined) return undefined;
    cases.push(`${architecture}) ${variables[vocabulary]}=${word} ;;`);
  }
  return `case "$TARGETARCH" in ${cases.join(" ")} *) exit 1 ;; esac`;
}

/** Whether Debian calls each of them what TARGETARCH does. */
export function hasDebianNames(platforms: readonly Platform[]): boolean {
  return platforms.every(({ architecture }) => vocabularies.debian[architecture] === architecture);
}

const literal =
  /(?<![A-Za-z0-9])(?:amd64|x86[_-]64|x64|arm64(?:v8)?|aarch64|armhf|arm(?:32)?v[67]l?|i[36]86|riscv64|ppc64le|ppc64el|s390x)(?![A-Za-z0-9])/i;

/** Whether an architecture is named in it, in whoever's words. */
export function namesArchitecture(text: string): boolean {
  return literal.test(text);
}
