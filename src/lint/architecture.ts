/** The words that people, vendors and compilers have for an architecture, found in a text. */
import type { Architecture } from "../platform/platform.ts";

const words: Readonly<Record<string, Architecture>> = {
  amd64: "amd64",
  x86_64: "amd64",
  "x86-64": "amd64",
  x64: "amd64",
  arm64: "arm64",
  arm64v8: "arm64",
  aarch64: "arm64",
  aarch_64: "arm64",
  armhf: "arm",
  armv6: "arm",
  armv6l: "arm",
  armv7: "arm",
  armv7l: "arm",
  armv7hf: "arm",
  armv7a: "arm",
  arm32v6: "arm",
  arm32v7: "arm",
  i386: "386",
  i686: "386",
  riscv64: "riscv64",
  riscv64gc: "riscv64",
  ppc64le: "ppc64le",
  ppc64el: "ppc64le",
  powerpc64le: "ppc64le",
  s390x: "s390x",
};

const longestFirst = Object.keys(words).toSorted((one, two) => two.length - one.length);
const pattern = new RegExp(`(?<![A-Za-z0-9])(?:${longestFirst.join("|")})(?![A-Za-z0-9])`, "gi");

export interface Named {
  readonly architecture: Architecture;
  /** As it is written. */
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** Whether the text names the architecture, by whatever word. */
export function namesArchitecture(text: string, architecture: Architecture): boolean {
  return architecturesIn(text).some((named) => named.architecture === architecture);
}

/** Every architecture that is named in the text, by whatever word. */
export function architecturesIn(text: string): readonly Named[] {
  return [...text.matchAll(pattern)].flatMap((match) => {
    const [word] = match;
    const architecture = words[word.toLowerCase()];
    if (architecture === undefined) return [];
    return [{ architecture, word, start: match.index, end: match.index + word.length }];
  });
}
