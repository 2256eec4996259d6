/** The machines that the truth is told on: how Debian, the linker and OCI name each, and where its loaders and libraries are. */
import type { Platform } from "../../src/platform/platform.ts";
import { parsePlatform } from "../../src/platform/platform.ts";

export type Architecture = "amd64" | "arm64" | "armhf" | "i386";

export interface Machine {
  /** As Debian writes it. */
  readonly debian: Architecture;
  /** `linux/arm/v7`. */
  readonly name: string;
  readonly platform: Platform;
  /** The prefix of its binutils, and flags for `as` and `ld`. */
  readonly tools: string;
  readonly as: readonly string[];
  readonly ld: readonly string[];
  /** Debian's multiarch name: the directory of its libraries below /usr/lib. */
  readonly triplet: string;
  /** The interpreter that glibc programs name, and musl's. */
  readonly glibc: string;
  readonly musl: string;
  /** The emulator's name under binfmt_misc and as a static program; `undefined` where this kernel runs it itself. */
  readonly emulator?: string;
}

function machine(one: Omit<Machine, "platform">): Machine {
  return { ...one, platform: parsePlatform(one.name) };
}

export const machines: Readonly<Record<Architecture, Machine>> = {
  amd64: machine({
    debian: "amd64",
    name: "linux/amd64",
    tools: "",
    as: ["--64"],
    ld: ["-m", "elf_x86_64"],
    triplet: "x86_64-linux-gnu",
    glibc: "/lib64/ld-linux-x86-64.so.2",
    musl: "/lib/ld-musl-x86_64.so.1",
  }),
  i386: machine({
    debian: "i386",
    name: "linux/386",
    tools: "",
    as: ["--32"],
    ld: ["-m", "elf_i386"],
    triplet: "i386-linux-gnu",
    glibc: "/lib/ld-linux.so.2",
    musl: "/lib/ld-musl-i386.so.1",
  }),
  arm64: machine({
    debian: "arm64",
    name: "linux/arm64",
    tools: "aarch64-linux-gnu-",
    as: [],
    ld: [],
    triplet: "aarch64-linux-gnu",
    glibc: "/lib/ld-linux-aarch64.so.1",
    musl: "/lib/ld-musl-aarch64.so.1",
    emulator: "aarch64",
  }),
  armhf: machine({
    debian: "armhf",
    name: "linux/arm/v7",
    tools: "arm-linux-gnueabihf-",
    as: ["-march=armv7-a", "-mfloat-abi=hard", "-mfpu=vfpv3-d16"],
    ld: [],
    triplet: "arm-linux-gnueabihf",
    glibc: "/lib/ld-linux-armhf.so.3",
    musl: "/lib/ld-musl-armhf.so.1",
    emulator: "arm",
  }),
};

/** A machine of the same class, and one of the other class. */
export const others: Readonly<
  Record<Architecture, { readonly same: Architecture; readonly cross: Architecture }>
> = {
  amd64: { same: "arm64", cross: "i386" },
  arm64: { same: "amd64", cross: "armhf" },
  armhf: { same: "i386", cross: "arm64" },
  i386: { same: "armhf", cross: "amd64" },
};
