/** Files made for another machine or system, and whether they are meant to be where they are. */
import type { Content } from "../binary/content.ts";
import { elfName } from "../binary/elf/header.ts";
import type { Node } from "../filesystem/tree.ts";
import { architectureNames } from "../platform/machine.ts";
import type { Architecture, Platform } from "../platform/platform.ts";
import { isOwnAbi, machineFit } from "./machine.ts";
import type { NamedPlatform, platformReader } from "./platform-words.ts";

type PlatformReader = ReturnType<typeof platformReader>;

/** A program or library whose bytes say for what it is. */
export interface NativeFile {
  readonly path: string;
  readonly node: Node;
  /** `aarch64`, `Mach-O arm64`. */
  readonly madeFor: string;
  readonly isForeign: boolean;
  /** Whether the platform's own programs can load it into themselves. */
  readonly isOwn: boolean;
  readonly named?: NamedPlatform;
  /** Whether the path names a platform, and it holds another. */
  readonly contradicts: boolean;
}

/** `undefined` for what no kernel or loader of any platform of ours would run. */
export function nativeFile(
  path: string,
  node: Node,
  { platform, namedBy }: { readonly platform: Platform; readonly namedBy: PlatformReader },
): NativeFile | undefined {
  const { content } = node.entry;
  const made = madeFor(content, platform);
  if (made === undefined) return undefined;
  const named = namedBy(path);
  return {
    path,
    node,
    madeFor: made.words,
    isForeign: made.isForeign,
    isOwn: made.isOwn,
    ...(named === undefined ? {} : { named }),
    contradicts: named !== undefined && !made.serves(named),
  };
}

interface Made {
  readonly words: string;
  readonly isForeign: boolean;
  readonly isOwn: boolean;
  serves(named: NamedPlatform): boolean;
}

/** `e_machine` of what is data to the host: none, CUDA, AMD GPUs, BPF. */
const dataMachines = new Set([0, 190, 224, 247]);

function madeFor(content: Content | undefined, platform: Platform): Made | undefined {
  if (content?.kind === "elf") {
    const { elf } = content;
    const isProgram = elf.type === "executable" || elf.type === "shared";
    if (!isProgram || dataMachines.has(elf.machine)) return undefined;
    return {
      words: elfName(elf),
      isForeign: machineFit(elf, platform) === "no",
      isOwn: isOwnAbi(elf, platform),
      // A path that names Windows or macOS and holds ELF holds something else than it says, of whatever machine.
      serves: ({ os, architecture }) => os === "linux" && isOf(elf.machine, architecture),
    };
  }
  if (content?.kind === "mach-o") {
    const { architectures } = content;
    return {
      words: `macOS (${architectures.join(", ")})`,
      isForeign: true,
      isOwn: false,
      serves: ({ os, architecture }) =>
        os === "other" && (architectures.length === 0 || architectures.includes(architecture)),
    };
  }
  // A PE file is often a .NET assembly or an installer's launcher: data on Linux.
  return undefined;
}

function isOf(machine: number, architecture: Architecture): boolean {
  return architectureNames({ architecture }).elf.machine === machine;
}

/** Places where files of other platforms belong. */
const meant: readonly RegExp[] = [
  // Cross-compilers and their trees, multilib.
  /^\/usr\/(?:local\/)?(?:aarch64|arm|armeb|x86_64|i[3-6]86|riscv(?:32|64)|powerpc\w*|s390x|mips\w*|sparc64|loongarch64)-[\w-]+\//,
  /^\/usr\/lib\/gcc(?:-cross)?\//,
  /^\/(?:usr\/)?libx32\//,
  // Firmware, boot loaders, kernel modules, emulators' own files.
  /\/(?:firmware|syslinux|grub|ipxe|seabios|u-boot|efi)\//i,
  /^\/(?:usr\/)?lib\/modules\//,
  /^\/boot\//,
  /\/qemu\//,
  // Detached debugging information.
  /^\/usr\/lib\/debug\//,
  // Test data, of Go and others.
  /\/(?:testdata|test_data|fixtures|__tests__)\//,
  /\/go(?:-[\d.]+)?\/(?:src|pkg)\//,
  // Launchers that Python's installers carry along.
  /\/(?:setuptools|distlib|pip)\/.*\.exe$/,
  // Android's directories by ABI.
  /\/(?:jniLibs|jni|lib)\/(?:arm64-v8a|armeabi(?:-v7a)?|x86|x86_64)\//,
];

/** Whether a file of another platform belongs there: by its place, or because its path says what it is. */
export function isMeantThere(file: NativeFile): boolean {
  const { named, contradicts, isForeign } = file;
  if (named !== undefined && !contradicts && isForeign) return true;
  return isInPlaceForOthers(file);
}

export function isInPlaceForOthers({ path }: NativeFile): boolean {
  return meant.some((pattern) => pattern.test(path));
}
