/** For which machine a program or library in the context was made, by its first bytes. */
import { open } from "node:fs/promises";
import { elfName, elfServes, readElfHeader } from "../binary/elf/header.ts";
import { readMachO } from "../binary/mach-o.ts";
import { readPe } from "../binary/pe.ts";
import type { Platform } from "../platform/platform.ts";

/** ELF is Linux's, Mach-O is macOS's, PE is that of Windows. */
export type NativeFormat = "elf" | "mach-o" | "pe";

export interface NativeFile {
  /** `an ELF file for aarch64`. */
  readonly description: string;
  readonly format: NativeFormat;
  /** Whether a kernel of that platform takes it for its own. */
  readonly serves: (platform: Platform) => boolean;
}

/** How many of a file's first bytes tell it. */
const headBytes = 1024;

/** Reads a file's first bytes; `undefined` for what is not native. */
function readNative(head: Uint8Array): NativeFile | undefined {
  const elf = readElfHeader(head);
  if (elf !== undefined) {
    return {
      description: `an ELF file for ${elfName(elf)}`,
      format: "elf",
      serves: (platform) => elfServes(elf, platform),
    };
  }
  const mac = readMachO(head);
  if (mac !== undefined) {
    const description = `a Mach-O file of macOS for ${mac.join(" and ")}`;
    return { description, format: "mach-o", serves: () => false };
  }
  const pe = readPe(head);
  // What is portable is started as a script is.
  if (pe === undefined || pe.isPortable === true) return undefined;
  const description = `a program of Windows for ${pe.architecture}`;
  return { description, format: "pe", serves: () => false };
}

/** The same of a file on disk; `undefined` also where it cannot be read. */
export async function nativeFile(path: string): Promise<NativeFile | undefined> {
  try {
    await using file = await open(path);
    const head = Buffer.alloc(headBytes);
    const { bytesRead } = await file.read(head, 0, headBytes, 0);
    return readNative(head.subarray(0, bytesRead));
  } catch {
    return undefined;
  }
}
