/** Whether a binary is for a platform: as its kernel and its loader decide. */
import { type ElfHeader, elfServes } from "../binary/elf/header.ts";
import { architectureNames } from "../platform/machine.ts";
import type { Platform } from "../platform/platform.ts";

/** `perhaps`: some processors of the platform run it and others do not, or its header contradicts itself. */
export type MachineFit = "yes" | "no" | "perhaps";

export function machineFit(header: ElfHeader, platform: Platform): MachineFit {
  if (elfServes(header, platform)) return "yes";
  // 64-bit ARM cores run 32-bit programs only where they have AArch32, which newer ones lack.
  if (platform.architecture === "arm64" && elfServes(header, armPlatform)) return "perhaps";
  // The kernel reads the machine in its own byte order, and neither class nor order (`elf_check_arch`).
  const own = architectureNames(platform).elf;
  return asKernelReads(header, own.littleEndian) === own.machine ? "perhaps" : "no";
}

const armPlatform: Platform = { os: "linux", architecture: "arm", variant: "v7" };

function asKernelReads({ machine, littleEndian }: ElfHeader, isLittle: boolean): number {
  return littleEndian === isLittle ? machine : ((machine & 0xff) << 8) | (machine >> 8);
}
