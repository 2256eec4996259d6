/** Whether a binary is for a platform: as its kernel and its loader decide. */
import { type ElfHeader, elfServes } from "../binary/elf/header.ts";
import { architectureNames } from "../platform/machine.ts";
import type { Platform } from "../platform/platform.ts";

/** `perhaps`: some processors of the platform run it and others do not. `contradictory`: the kernel takes it, its header is wrong. */
export type MachineFit = "yes" | "no" | "perhaps" | "contradictory";

export function machineFit(header: ElfHeader, platform: Platform): MachineFit {
  if (elfServes(header, platform)) return "yes";
  // 64-bit ARM cores run 32-bit programs only where they have AArch32, which newer ones lack.
  if (platform.architecture === "arm64" && elfServes(header, armPlatform)) return "perhaps";
  // The kernel reads the machine in its own byte order, and neither class nor order (`elf_check_arch`).
  const own = architectureNames(platform).elf;
  return asKernelReads(header, own.littleEndian) === own.machine ? "contradictory" : "no";
}

/** Whether it is of the platform's own machine, class and byte order: what its programs can load into themselves. */
export function isOwnAbi({ machine, bits, littleEndian }: ElfHeader, platform: Platform): boolean {
  const own = architectureNames(platform).elf;
  return own.machine === machine && own.bits === bits && own.littleEndian === littleEndian;
}

const armPlatform: Platform = { os: "linux", architecture: "arm", variant: "v7" };

function asKernelReads({ machine, littleEndian }: ElfHeader, isLittle: boolean): number {
  return littleEndian === isLittle ? machine : ((machine & 0xff) << 8) | (machine >> 8);
}
