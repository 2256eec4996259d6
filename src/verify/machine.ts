/** Whether a binary is for a platform: as its kernel and its loader decide. */
import type { ElfHeader } from "../binary/elf/header.ts";
import { elfServes } from "../binary/elf/header.ts";
import { architectureNames } from "../platform/machine.ts";
import type { Platform } from "../platform/platform.ts";

/** `perhaps`: some processors of the platform run it, others do not. */
export type MachineFit = "yes" | "no" | "perhaps";

/** 64-bit ARM cores run 32-bit programs only where they have AArch32, which newer ones lack. */
export function machineFit(header: ElfHeader, platform: Platform): MachineFit {
  if (elfServes(header, platform)) return "yes";
  const arm = architectureNames({ architecture: "arm" }).elf;
  const isArm =
    header.machine === arm.machine &&
    header.bits === arm.bits &&
    header.littleEndian === arm.littleEndian;
  return platform.architecture === "arm64" && isArm ? "perhaps" : "no";
}
