/** Programs and libraries of Windows (Microsoft, "PE Format"). */
import { viewOf } from "./bytes.ts";

export interface Pe {
  /** Go's word for it. */
  readonly architecture: string;
  /** An Actually Portable Executable: a shell, though not the kernel, runs it as a script. */
  readonly isPortable?: true;
}

/** `IMAGE_FILE_MACHINE_*`, in Go's words. */
const architectures: ReadonlyMap<number, string> = new Map([
  [0x14c, "386"],
  [0x8664, "amd64"],
  [0xaa64, "arm64"],
  [0xa641, "arm64"],
  [0x1c0, "arm"],
  [0x1c2, "arm"],
  [0x1c4, "arm"],
  [0x200, "ia64"],
  [0x5032, "riscv32"],
  [0x5064, "riscv64"],
  [0x6264, "loong64"],
]);

const portableMagic = "MZqFpD='";

/** Where the DOS header says that the PE header is. */
const headerPlace = 0x3c;

/** Reads a file's first bytes; `undefined` where it is no PE file, or its header lies behind them. */
export function readPe(head: Uint8Array): Pe | undefined {
  if (head[0] !== 0x4d || head[1] !== 0x5a || head.byteLength < headerPlace + 4) return undefined;
  const view = viewOf(head);
  const at = view.getUint32(headerPlace, true);
  if (at + 6 > head.byteLength || view.getUint32(at) !== 0x50450000) return undefined;
  const machine = view.getUint16(at + 4, true);
  const architecture = architectures.get(machine) ?? `machine 0x${machine.toString(16)}`;
  const isPortable = Buffer.from(head.subarray(0, 8)).toString("latin1") === portableMagic;
  return { architecture, ...(isPortable ? { isPortable } : {}) };
}
