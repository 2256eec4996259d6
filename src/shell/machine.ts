/** What programs say of the machine that they run on. */
import type { Architecture, Platform } from "../platform/platform.ts";

export interface Machine {
  /** `uname -m`: `x86_64` */
  readonly kernel: string;
  /** `dpkg --print-architecture`: `amd64` */
  readonly debian: string;
  /** `apk --print-arch`: `x86_64` */
  readonly alpine: string;
  /** Go's word: `amd64` */
  readonly go: string;
}

const words: Readonly<Record<Architecture, Omit<Machine, "go">>> = {
  amd64: { kernel: "x86_64", debian: "amd64", alpine: "x86_64" },
  arm64: { kernel: "aarch64", debian: "arm64", alpine: "aarch64" },
  arm: { kernel: "armv7l", debian: "armhf", alpine: "armv7" },
  "386": { kernel: "i686", debian: "i386", alpine: "x86" },
  riscv64: { kernel: "riscv64", debian: "riscv64", alpine: "riscv64" },
  ppc64le: { kernel: "ppc64le", debian: "ppc64el", alpine: "ppc64le" },
  s390x: { kernel: "s390x", debian: "s390x", alpine: "s390x" },
  loong64: { kernel: "loongarch64", debian: "loong64", alpine: "loongarch64" },
  mips64le: { kernel: "mips64", debian: "mips64el", alpine: "mips64" },
};

/** What an image of that platform says, whichever kernel it runs on natively or emulated. */
export function machineOf({ architecture, variant }: Platform): Machine {
  const own = { ...words[architecture], go: architecture };
  if (architecture !== "arm" || variant !== "v6") return own;
  return { ...own, kernel: "armv6l", debian: "armel", alpine: "armhf" };
}
