/** The kernel's and the ELF header's words for a platform. */
import type { Architecture, Platform } from "./platform.ts";

/** An architecture as `uname -m`, the ELF header and qemu's user emulator name it. */
interface ArchitectureNames {
  /** What `uname -m` prints. */
  readonly machine: string;
  /** `e_machine`, with the class and byte order that the platform's programs have (System V gABI, chapter 4). */
  readonly elf: {
    readonly machine: number;
    readonly bits: 32 | 64;
    readonly littleEndian: boolean;
  };
  /** The suffix of `qemu-…` and of its binfmt_misc entry. */
  readonly emulator: string;
}

const names: Readonly<Record<Architecture, ArchitectureNames>> = {
  amd64: { machine: "x86_64", elf: elf(62, 64), emulator: "x86_64" },
  arm64: { machine: "aarch64", elf: elf(183, 64), emulator: "aarch64" },
  arm: { machine: "armv7l", elf: elf(40, 32), emulator: "arm" },
  "386": { machine: "i686", elf: elf(3, 32), emulator: "i386" },
  riscv64: { machine: "riscv64", elf: elf(243, 64), emulator: "riscv64" },
  ppc64le: { machine: "ppc64le", elf: elf(21, 64), emulator: "ppc64le" },
  s390x: {
    machine: "s390x",
    elf: { machine: 22, bits: 64, littleEndian: false },
    emulator: "s390x",
  },
  loong64: { machine: "loongarch64", elf: elf(258, 64), emulator: "loongarch64" },
  mips64le: { machine: "mips64", elf: elf(8, 64), emulator: "mips64el" },
};

function elf(machine: number, bits: 32 | 64) {
  return { machine, bits, littleEndian: true };
}

/** The names of a platform's architecture. */
export function architectureNames(platform: Pick<Platform, "architecture">): ArchitectureNames {
  return names[platform.architecture];
}

/** What `uname -m` prints on that platform: `x86_64`, `aarch64`, `armv7l`. */
export function machineOf(platform: Platform): string {
  if (platform.architecture === "arm" && platform.variant === "v6") return "armv6l";
  return names[platform.architecture].machine;
}

/**
 * Whether a program that sees this `uname -m` runs as that platform.
 * A 32-bit ARM or x86 program on a 64-bit kernel sees the 64-bit name unless a personality hides it.
 */
export function machineServes(machine: string, platform: Platform): boolean {
  if (machine === machineOf(platform)) return true;
  if (platform.architecture === "arm") return ["armv8l", "aarch64", "armv7l"].includes(machine);
  if (platform.architecture === "386") return ["i386", "i486", "i586", "x86_64"].includes(machine);
  return false;
}

/** `x86-64`, `AArch64` … for an ELF `e_machine`; the number where nothing here knows it. */
export function elfMachineName(machine: number): string {
  const known = Object.values(names).find((entry) => entry.elf.machine === machine);
  return known?.machine ?? `e_machine ${machine}`;
}

/** Whether programs of the image's platform run on a kernel of the host's platform without an emulator. */
export function runsNatively(image: Platform, host: Platform): boolean {
  if (image.os !== host.os) return false;
  if (image.architecture === host.architecture) return true;
  // A 64-bit x86 kernel runs 32-bit programs; of the ARM cores only some do, so arm on arm64 is left to the probe.
  return image.architecture === "386" && host.architecture === "amd64";
}
