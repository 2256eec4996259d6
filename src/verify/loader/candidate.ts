/** One file that glibc's loader tries: taken, passed over, or the end (glibc, `elf/dl-load.c`, `open_verify`). */
import type { Elf } from "../../binary/elf/elf.ts";
import { elfName } from "../../binary/elf/header.ts";
import { fileHeaderBytes, machines } from "../../binary/elf/layout.ts";
import { absolutePath, type Container } from "../container.ts";
import type { Located } from "../start/search.ts";
import { mayAccess, mayReach } from "../user.ts";

export type Candidate =
  | { readonly outcome: "taken"; readonly located: Located; readonly elf: Elf }
  /** Not there; `errno` in the loader's words. */
  | { readonly outcome: "absent"; readonly errno: Errno }
  /** There, and not for this process: the search goes on. */
  | {
      readonly outcome: "skipped";
      readonly located: Located;
      readonly why: string;
      readonly isOtherClass: boolean;
    }
  /** The loader gives up. */
  | {
      readonly outcome: "unusable";
      readonly located: Located;
      readonly problem: string;
      /** What its message names: the path that it opened, or the name that was asked for. */
      readonly names: "path" | "wanted";
    };

/** The loader spells the commonest alone (glibc, `elf/dl-minimal.c`, `__strerror_r`). */
export type Errno =
  | "No such file or directory"
  | "Permission denied"
  /** ENOTDIR. */
  | "Error 20"
  /** ELOOP. */
  | "Error 40";

/** After these the search goes on in the next directory of a path, after others with the next path. */
export function goesOn(errno: Errno): boolean {
  return errno !== "Error 40";
}

/** Found out when the file is mapped (`_dl_map_object_from_fd`), where the loader names what it was asked for. */
const ofMapping = new Set([
  "ELF load command address/offset not page-aligned",
  "object file has no loadable segments",
  "object file has no dynamic section",
  "cannot dynamically load executable",
  "cannot dynamically load position-independent executable",
]);

/** The class, byte order and machine of the process: those of the program that the kernel started. */
export type ProcessAbi = Pick<Elf, "bits" | "littleEndian" | "machine" | "flags">;

export function tryFile(container: Container, name: string, abi: ProcessAbi): Candidate {
  const { tree, user } = container;
  const path = absolutePath(container, name);
  const found = tree.lookup(path);
  if (found.outcome === "missing") return absent("No such file or directory");
  if (found.outcome === "not-a-directory") return absent("Error 20");
  if (found.outcome === "loop") return absent("Error 40");
  const { entry } = found.node;
  if (!mayAccess(user, entry, "read") || !mayReach(user, tree, found.path))
    return absent("Permission denied");
  if (entry.type === "directory") {
    return unusable(found, "cannot read file data: Error 21");
  }
  return judge(found, abi);
}

function judge(located: Located, abi: ProcessAbi): Candidate {
  const { content, size } = located.node.entry;
  if (size < fileHeaderBytes(abi.bits)) return unusable(located, "file too short");
  if (content?.kind === "damaged-elf") return unusable(located, "cannot read file data");
  if (content?.kind !== "elf") return unusable(located, "invalid ELF header");
  const { elf } = content;
  if (elf.bits !== abi.bits) {
    return { outcome: "skipped", located, why: `${elf.bits}-bit`, isOtherClass: true };
  }
  if (elf.littleEndian !== abi.littleEndian) {
    const order = abi.littleEndian ? "little-endian" : "big-endian";
    return unusable(located, `ELF file data encoding not ${order}`);
  }
  // Of the checks only this one lets the search go on.
  if (elf.machine !== abi.machine) {
    return { outcome: "skipped", located, why: `made for ${elfName(elf)}`, isOtherClass: false };
  }
  if (elf.machine === machines.arm && contradict(floatAbi(elf), floatAbi(abi)))
    return { outcome: "skipped", located, why: "of the other float ABI", isOtherClass: false };
  if (elf.loadProblem !== undefined) return unusable(located, elf.loadProblem);
  return { outcome: "taken", located, elf };
}

/** `EF_ARM_ABI_FLOAT_SOFT` and `_HARD`; older files say neither (Addenda to the ABI for the Arm Architecture). */
function floatAbi({ flags }: Pick<Elf, "flags">): "soft" | "hard" | undefined {
  if ((flags & 0x200) !== 0) return "soft";
  return (flags & 0x400) === 0 ? undefined : "hard";
}

function contradict(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

function absent(errno: Errno): Candidate {
  return { outcome: "absent", errno };
}

function unusable(located: Located, problem: string): Candidate {
  const names = ofMapping.has(problem) ? "wanted" : "path";
  return { outcome: "unusable", located, problem, names };
}
