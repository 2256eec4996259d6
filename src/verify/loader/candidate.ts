/** One file that glibc's loader tries: taken, passed over, or the end (glibc, `elf/dl-load.c`, `open_verify`). */
import type { Elf } from "../../binary/elf/elf.ts";
import { elfName } from "../../binary/elf/header.ts";
import { absolutePath, type Container } from "../container.ts";
import type { Located } from "../start/search.ts";
import { mayAccess, mayReach } from "../user.ts";

export type Candidate =
  | { readonly outcome: "taken"; readonly located: Located; readonly elf: Elf }
  /** The search goes on; `errno` in words. */
  | { readonly outcome: "absent"; readonly errno: string }
  /** There, and not for this process: the search goes on. */
  | {
      readonly outcome: "skipped";
      readonly located: Located;
      readonly why: string;
      readonly isOtherClass: boolean;
    }
  /** The loader gives up with this sentence. */
  | { readonly outcome: "unusable"; readonly located: Located; readonly sentence: string };

/** The class, byte order and machine of the process: those of the program that the kernel started. */
export type ProcessAbi = Pick<Elf, "bits" | "littleEndian" | "machine">;

export function tryFile(container: Container, name: string, abi: ProcessAbi): Candidate {
  const { tree, user } = container;
  const path = absolutePath(container, name);
  const found = tree.lookup(path);
  if (found.outcome === "missing") return absent("No such file or directory");
  if (found.outcome === "not-a-directory") return absent("Not a directory");
  if (found.outcome === "loop") return absent("Too many levels of symbolic links");
  const { entry } = found.node;
  if (!mayAccess(user, entry, "read") || !mayReach(user, tree, found.path))
    return absent("Permission denied");
  if (entry.type === "directory") {
    return unusable(found, `${name}: cannot read file data: Is a directory`);
  }
  return judge(found, name, abi);
}

function judge(located: Located, name: string, abi: ProcessAbi): Candidate {
  const { content, size } = located.node.entry;
  const headerBytes = abi.bits === 64 ? 64 : 52;
  if (size < headerBytes) return unusable(located, `${name}: file too short`);
  if (content?.kind === "damaged-elf") return unusable(located, `${name}: cannot read file data`);
  if (content?.kind !== "elf") return unusable(located, `${name}: invalid ELF header`);
  const { elf } = content;
  if (elf.bits !== abi.bits) {
    return { outcome: "skipped", located, why: `${elf.bits}-bit`, isOtherClass: true };
  }
  if (elf.littleEndian !== abi.littleEndian) {
    const order = abi.littleEndian ? "little-endian" : "big-endian";
    return unusable(located, `${name}: ELF file data encoding not ${order}`);
  }
  // Of the checks only this one lets the search go on.
  if (elf.machine !== abi.machine) {
    return { outcome: "skipped", located, why: `made for ${elfName(elf)}`, isOtherClass: false };
  }
  return elf.loadProblem === undefined
    ? { outcome: "taken", located, elf }
    : unusable(located, `${name}: ${elf.loadProblem}`);
}

function absent(errno: string): Candidate {
  return { outcome: "absent", errno };
}

function unusable(located: Located, sentence: string): Candidate {
  return { outcome: "unusable", located, sentence };
}
