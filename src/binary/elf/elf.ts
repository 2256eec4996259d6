/** What an ELF file says of itself (System V gABI, chapters 4 and 5; elf(5); psABI supplements of each machine). */
import type { ByteRange } from "../bytes.ts";
import type { ElfHeader } from "./header.ts";
import type { SymbolTables } from "./symbol-tables.ts";

export interface Elf extends ElfHeader {
  /** `e_type`. */
  readonly type: "relocatable" | "executable" | "shared" | "core" | "other";
  /** `e_flags`: float ABI of arm, riscv and mips, ABI version of ppc64. */
  readonly flags: number;
  /** `EI_OSABI`: 0 System V, 3 GNU/Linux, 64 arm AEABI … */
  readonly osAbi: number;
  /** `EI_ABIVERSION`. */
  readonly abiVersion: number;
  /** The program's interpreter (`PT_INTERP`): the loader that the kernel starts. */
  readonly interpreter?: string;
  /** Absent where it is linked statically, without a dynamic section, and where the file ends before it (`missingBytes`). */
  readonly dynamic?: ElfDynamic;
  /** Hexadecimal (`NT_GNU_BUILD_ID`). */
  readonly buildId?: string;
  /** Go's own build id (`NT_GO_BUILD_ID`, note name `Go`). */
  readonly goBuildId?: string;
  /** The least kernel that it wants (`NT_GNU_ABI_TAG`, Linux only): `[3, 2, 0]`. */
  readonly leastKernel?: readonly number[];
  /** The least x86-64 level that it says it needs, 1 to 4 (`GNU_PROPERTY_X86_ISA_1_NEEDED`); absent where it does not say. */
  readonly x86Level?: 1 | 2 | 3 | 4;
  /** The processor that an arm object is compiled for (`.ARM.attributes`, section `aeabi`). */
  readonly arm?: ArmAttributes;
  /** What the Go linker wrote of the build (`.go.buildinfo`). */
  readonly go?: GoBuild;
  /** Its entry is not in an executable segment, as that of a library need not be; who starts it all the same is killed. */
  readonly lacksEntry?: true;
  /** The program that packed it: what it unpacks and starts is another program, which is not seen. */
  readonly packer?: "UPX";
  /**
   * How far its loadable segments reach beyond the file's end. Kernel and loader map them all the same; who touches a page that
   * lies wholly beyond the end is killed by SIGBUS, and what is missing of the last page reads as zeros.
   */
  readonly missingBytes?: number;
  /** What in its tables contradicts itself: kernel and loader do not look, and what comes of it nobody knows. */
  readonly contradiction?: string;
  /** Why the kernel answers `exec format error`, whatever its machine (`fs/binfmt_elf.c`); absent where it starts it. */
  readonly startProblem?: string;
  /** glibc's sentence where it is loaded as a library, whatever its machine (`elf/dl-load.c`): `cannot dynamically load executable`. */
  readonly loadProblem?: string;
}

/** The dynamic section, its names resolved. */
export interface ElfDynamic {
  /** `DT_NEEDED`, in order. */
  readonly needed: readonly string[];
  readonly soname?: string;
  /** `DT_RPATH`, unsplit. */
  readonly rpath?: string;
  /** `DT_RUNPATH`, unsplit. */
  readonly runpath?: string;
  /** `DF_BIND_NOW`, `DF_1_NOW` or `DT_BIND_NOW`: every symbol is looked up before it starts. */
  readonly bindNow: boolean;
  /** `DF_1_NODEFLIB`: the loader's default directories are not searched. */
  readonly noDefaultLibraries: boolean;
  /** `DF_1_PIE`. */
  readonly isPie: boolean;
  /** `DT_FILTER`, in order: what must be there as the needed libraries must. */
  readonly filters: readonly string[];
  /** `DT_AUXILIARY`, in order: what is loaded where it is there. */
  readonly auxiliaries: readonly string[];
  /** The versions that it asks of each library (`.gnu.version_r`). */
  readonly versionNeeds: readonly VersionNeed[];
  /** The names of the versions that it defines, without its base version (`.gnu.version_d`); absent where it has no such table. */
  readonly versionDefinitions?: readonly string[];
}

interface VersionNeed {
  /** The library's name as its `DT_NEEDED` entry writes it. */
  readonly library: string;
  readonly versions: readonly { readonly name: string; readonly isWeak: boolean }[];
}

export interface ArmAttributes {
  /** `Tag_CPU_arch` as its number: 6 = v6, 10 = v7, 14 = v8-A. */
  readonly architecture?: number;
  /** `Tag_CPU_arch_profile`: `A`, `R`, `M`, `S`. */
  readonly profile?: string;
  /** `Tag_ABI_VFP_args` is 1: floating-point arguments in VFP registers (hard float). */
  readonly hardFloat?: boolean;
}

export interface GoBuild {
  /** `go1.26.8`. */
  readonly version: string;
  /** The build settings GOARCH, GOAMD64, GOARM, GOARM64, GO386, GOPPC64, GORISCV64 … and CGO_ENABLED, GOOS. */
  readonly settings: Readonly<Record<string, string>>;
}

export type ElfReading =
  | {
      readonly outcome: "read";
      readonly elf: Elf;
      /** Absent where it has no dynamic symbols, and where `unread` says that they are not known. */
      readonly symbols?: SymbolTables;
      /** Why a part of it could not be read. */
      readonly unread?: string;
    }
  /** Parts of it were not kept; with these ranges at hand as well it can be read. */
  | { readonly outcome: "needs"; readonly ranges: readonly ByteRange[] }
  /** No loader reads it: the sentence says what is wrong with it. */
  | { readonly outcome: "damaged"; readonly problem: string };
