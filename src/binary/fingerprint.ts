/** Tells the same program again on another platform, where it has no build id of its own. */
import { createHash } from "node:crypto";
import type { FileBytes } from "./bytes.ts";
import type { Elf } from "./elf/elf.ts";

const hashedBytes = 64 * 1024;
const fingerprintBytes = 16;

/** Hexadecimal; absent where a build id says it, or the file is nothing that is run or loaded. */
export function fingerprintOf(elf: Elf, bytes: FileBytes): string | undefined {
  if (elf.buildId !== undefined || elf.goBuildId !== undefined) return undefined;
  if (elf.type !== "executable" && elf.type !== "shared") return undefined;
  const first = bytes.read({ offset: 0, length: Math.min(hashedBytes, bytes.size) });
  if (first === undefined) return undefined;
  const hash = createHash("sha256").update(`${bytes.size}\n`).update(first).digest("hex");
  return hash.slice(0, 2 * fingerprintBytes);
}
