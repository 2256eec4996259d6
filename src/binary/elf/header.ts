/** The ELF header: for which machine a program was made (System V gABI, chapter 4; elf(5)). */
import { viewOf } from "../bytes.ts";
import { architectureNames, elfMachineName } from "../../platform/machine.ts";
import type { Platform } from "../../platform/platform.ts";

export interface ElfHeader {
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
  /** `e_machine`. */
  readonly machine: number;
}

/** How many bytes of a file tell its header. */
const elfHeaderBytes = 20;

export function isElf(head: Uint8Array): boolean {
  return head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}

/** Reads the header from a file's first bytes; `undefined` where it is cut short or says what no kernel reads. */
export function readElfHeader(head: Uint8Array): ElfHeader | undefined {
  if (!isElf(head) || head.byteLength < elfHeaderBytes) return undefined;
  const bits = { 1: 32, 2: 64 } as const;
  const [width, order] = [head[4], head[5]];
  if ((width !== 1 && width !== 2) || (order !== 1 && order !== 2)) return undefined;
  const littleEndian = order === 1;
  const view = viewOf(head);
  return { bits: bits[width], littleEndian, machine: view.getUint16(18, littleEndian) };
}

/** Whether a kernel of that platform takes the program for its own. */
export function elfServes({ bits, littleEndian, machine }: ElfHeader, platform: Platform): boolean {
  const fits = (own: { machine: number; bits: number; littleEndian: boolean }) =>
    own.machine === machine && own.bits === bits && own.littleEndian === littleEndian;
  if (fits(architectureNames(platform).elf)) return true;
  // A 64-bit x86 kernel runs 32-bit programs as well.
  return platform.architecture === "amd64" && fits(architectureNames({ architecture: "386" }).elf);
}

/** `aarch64`, for people. */
export function elfName({ machine }: ElfHeader): string {
  return elfMachineName(machine);
}
