/**
 * Why the kernel does not start a file, or glibc's loader does not load it, whatever the machine: what their checks of the header and
 * the program headers say (Linux, `load_elf_binary` and `load_elf_phdrs` in `fs/binfmt_elf.c`; glibc, `open_verify` and
 * `_dl_map_object_from_fd` in `elf/dl-load.c`).
 */
import type { ElfDynamic } from "./elf.ts";
import {
  type ElfLayout,
  fileTypes,
  machines,
  mostProgramHeaderBytes,
  pageBytes,
  programHeaderBytes,
  segmentTypes,
} from "./layout.ts";

export interface ElfRefusals {
  /** The kernel says `exec format error`: why. */
  readonly startProblem?: string;
  /** The loader's sentence, where it is asked to load the file as a library. */
  readonly loadProblem?: string;
}

/** `ELFOSABI_SYSV`, `ELFOSABI_GNU`, `ELFOSABI_ARM_AEABI`, `ELFOSABI_ARM`. */
const systems = { plain: 0, gnu: 3, armEabi: 64 } as const;

/** From this on a file asks for interfaces that no loader knows yet (glibc, `libc-abis`: unique symbols, indirect functions, absolute symbols). */
const abiVersionEnds = { gnu: 4, mips: 6 } as const;

const mostInterpreterBytes = 4096;

export function refusals(
  layout: ElfLayout,
  dynamic: ElfDynamic | undefined,
  isInterpreterEnded: boolean,
): ElfRefusals {
  const startProblem = startProblemOf(layout, isInterpreterEnded);
  const loadProblem = loadProblemOf(layout, dynamic);
  return {
    ...(startProblem === undefined ? {} : { startProblem }),
    ...(loadProblem === undefined ? {} : { loadProblem }),
  };
}

function startProblemOf(layout: ElfLayout, isInterpreterEnded: boolean): string | undefined {
  const { type, bits, programHeaders, segments } = layout;
  if (type !== fileTypes.executable && type !== fileTypes.shared) {
    return "it is neither a program nor a shared object";
  }
  if (programHeaders.entryBytes !== programHeaderBytes(bits)) {
    return "its program headers have another size than they should";
  }
  if (programHeaders.count === 0) return "it has no program headers";
  if (programHeaders.count * programHeaders.entryBytes > mostProgramHeaderBytes) {
    return "it has more program headers than the kernel takes";
  }
  const interpreter = segments.find((segment) => segment.type === segmentTypes.interpreter);
  if (interpreter === undefined) return undefined;
  if (interpreter.fileBytes > mostInterpreterBytes || interpreter.fileBytes < 2) {
    return "the name of its interpreter is too long or empty";
  }
  return isInterpreterEnded ? undefined : "the name of its interpreter has no end";
}

function loadProblemOf(layout: ElfLayout, dynamic: ElfDynamic | undefined): string | undefined {
  if (layout.identVersion !== 1) return "ELF file version ident does not match current one";
  if (!isKnownSystem(layout)) return "ELF file OS ABI invalid";
  if (!isKnownAbiVersion(layout)) return "ELF file ABI version invalid";
  if (!layout.isPadded) return "nonzero padding in e_ident";
  if (layout.version !== 1) return "ELF file version does not match current one";
  if (layout.type !== fileTypes.executable && layout.type !== fileTypes.shared) {
    return "only ET_DYN and ET_EXEC can be loaded";
  }
  if (layout.programHeaders.entryBytes !== programHeaderBytes(layout.bits)) {
    return "ELF file's phentsize not the expected size";
  }
  return segmentProblemOf(layout, dynamic);
}

function segmentProblemOf(
  { type, segments }: ElfLayout,
  dynamic: ElfDynamic | undefined,
): string | undefined {
  const loaded = segments.filter((segment) => segment.type === segmentTypes.load);
  const isMisplaced = loaded.some(({ address, offset }) => modulo(address) !== modulo(offset));
  if (isMisplaced) return "ELF load command address/offset not page-aligned";
  if (loaded.length === 0) return "object file has no loadable segments";
  if (type !== fileTypes.shared) return "cannot dynamically load executable";
  const dynamics = segments.filter((segment) => segment.type === segmentTypes.dynamic);
  if (dynamics.length === 0 || dynamics.some(({ fileBytes }) => fileBytes === 0)) {
    return "object file has no dynamic section";
  }
  if (dynamic?.isPie === true) return "cannot dynamically load position-independent executable";
  return undefined;
}

/** Within a page of the least size; an address beyond 2^53 has lost these bits. */
function modulo(value: number): number {
  return Number.isSafeInteger(value) ? value % pageBytes : 0;
}

function isKnownSystem({ osAbi, machine }: ElfLayout): boolean {
  if (osAbi === systems.plain || osAbi === systems.gnu) return true;
  return machine === machines.arm && osAbi === systems.armEabi;
}

function isKnownAbiVersion({ osAbi, abiVersion, machine }: ElfLayout): boolean {
  if (abiVersion === 0) return true;
  if (osAbi === systems.gnu) return abiVersion < abiVersionEnds.gnu;
  return machine === machines.mips && osAbi === systems.plain && abiVersion < abiVersionEnds.mips;
}
