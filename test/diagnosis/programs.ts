/** Files that no machine runs as they are. */
import { parsePlatform } from "../../src/platform/platform.ts";
import { probeProgram } from "../../src/probe/program.ts";
import { native } from "./case.ts";

/** An ELF header of s390x and nothing behind it: no kernel here takes it. */
export function s390xProgram(): Uint8Array {
  const bytes = new Uint8Array(256);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 2, 1]);
  bytes.set([0, 2, 0, 22, 0, 0, 0, 1], 16);
  return bytes;
}

/** The probe, whose first instruction is now one that no processor has: ud2 on x86-64, udf on ARM. */
export function illegalProgram(): Uint8Array {
  const bytes = Uint8Array.from(probeProgram(parsePlatform(native)) ?? []);
  const view = new DataView(bytes.buffer);
  const [entry, base] = [view.getBigUint64(24, true), view.getBigUint64(64 + 16, true)];
  bytes.set(native === "linux/amd64" ? [0x0f, 0x0b] : [0, 0, 0, 0], Number(entry - base));
  return bytes;
}

/** The header of a library of an ARM Mac. */
export function machO(): Uint8Array {
  const bytes = new Uint8Array(4096);
  bytes.set([0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 0x01, 0, 0, 0, 0, 0x08]);
  return bytes;
}
