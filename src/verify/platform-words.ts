/** The platform that a path names: npm's, Python's, Java's, Rust's and Debian's words for it. */
import type { Architecture } from "../platform/platform.ts";

export interface NamedPlatform {
  readonly os: "linux" | "other";
  readonly architecture: Architecture;
  /** The words in the path. */
  readonly words: string;
}

const architectures: Readonly<Record<string, Architecture>> = {
  x64: "amd64",
  amd64: "amd64",
  x86_64: "amd64",
  "x86-64": "amd64",
  arm64: "arm64",
  aarch64: "arm64",
  aarch_64: "arm64",
  arm: "arm",
  armv6: "arm",
  armv6l: "arm",
  armv7: "arm",
  armv7l: "arm",
  armhf: "arm",
  ia32: "386",
  i386: "386",
  i686: "386",
  x86: "386",
  riscv64: "riscv64",
  ppc64le: "ppc64le",
  ppc64el: "ppc64le",
  powerpc64le: "ppc64le",
  s390x: "s390x",
  loong64: "loong64",
  loongarch64: "loong64",
  mips64el: "mips64le",
};

const words = Object.keys(architectures)
  .toSorted((one, other) => other.length - one.length)
  .join("|");
const systems =
  "linux|linuxmusl|darwin|macos|osx|mac|win32|windows|win|freebsd|openbsd|android|sunos";

/** A system and an architecture side by side, in either order, or a triplet. */
const systemFirst = new RegExp(`(?:^|[/._-])(${systems})[/._-]?(${words})(?=$|[/._-])`, "i");
const architectureFirst = new RegExp(
  `(?:^|[/._-])(${words})[/._-](?:(?:unknown|pc|apple)[-_])?(${systems})(?=$|[/._-])`,
  "i",
);

/** Whether a file's own name may have a part in it. */
const anyWord = new RegExp(words, "i");

/** As {@link platformNamedBy}, for the many files of an image: what a directory's path names is found out once. */
export function platformReader(): (path: string) => NamedPlatform | undefined {
  const known = new Map<string, NamedPlatform | undefined>();
  return (path) => {
    const slash = path.lastIndexOf("/");
    if (anyWord.test(path.slice(slash + 1))) return platformNamedBy(path);
    const directory = path.slice(0, slash);
    if (!known.has(directory)) known.set(directory, platformNamedBy(directory));
    return known.get(directory);
  };
}

/** `undefined` where the path names none, or an architecture without a system (which may be a version of something). */
export function platformNamedBy(path: string): NamedPlatform | undefined {
  const first = systemFirst.exec(path);
  const second = first === null ? architectureFirst.exec(path) : null;
  const [match, system, architecture] =
    first === null ? [second?.[0], second?.[2], second?.[1]] : [first[0], first[1], first[2]];
  if (match === undefined || system === undefined || architecture === undefined) return undefined;
  const known = architectures[architecture.toLowerCase()];
  if (known === undefined) return undefined;
  const os = /^linux/i.test(system) ? "linux" : "other";
  return { os, architecture: known, words: match.replace(/^[/._-]/, "") };
}
