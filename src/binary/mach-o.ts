/** Programs and libraries of macOS, which reach an image when a build copies them from the developer's machine (Apple, `mach-o/loader.h`, `mach-o/fat.h`). */
import { viewOf } from "./bytes.ts";

/** `cputype`, in Go's words. */
const architectures: ReadonlyMap<number, string> = new Map([
  [7, "386"],
  [0x01000007, "amd64"],
  [12, "arm"],
  [0x0100000c, "arm64"],
  [0x0200000c, "arm64_32"],
  [18, "ppc"],
  [0x01000012, "ppc64"],
]);

const thin = new Set([0xfeedface, 0xfeedfacf]);
const fat = { words32: 0xcafebabe, words64: 0xcafebabf } as const;

/** Java's classes share the magic number of fat files; their next word is 45 or more. */
const mostArchitectures = 30;

/** The architectures of a Mach-O file, from its first bytes; `undefined` where it is none. */
export function readMachO(head: Uint8Array): readonly string[] | undefined {
  if (head.byteLength < 8) return undefined;
  const view = viewOf(head);
  const magic = view.getUint32(0);
  if (thin.has(magic)) return [nameOf(view.getUint32(4))];
  if (thin.has(view.getUint32(0, true))) return [nameOf(view.getUint32(4, true))];
  if (magic !== fat.words32 && magic !== fat.words64) return undefined;
  const count = view.getUint32(4);
  if (count === 0 || count > mostArchitectures) return undefined;
  const entryBytes = magic === fat.words32 ? 20 : 32;
  const names: string[] = [];
  for (let at = 8; names.length < count && at + 4 <= head.byteLength; at += entryBytes) {
    names.push(nameOf(view.getUint32(at)));
  }
  return names;
}

function nameOf(type: number): string {
  return architectures.get(type) ?? `cputype ${type}`;
}
