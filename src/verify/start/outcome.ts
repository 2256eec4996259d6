/** What comes of a program that is executed. */
import type { Elf } from "../../binary/elf/elf.ts";
import type { Located } from "./search.ts";

/** A program that the kernel starts: at last always a binary. */
export interface Running {
  readonly outcome: "running";
  /** The binary: the program itself, or the interpreter of its script. */
  readonly located: Located;
  readonly elf: Elf;
  /** As execve names it: what the program and its loader call it. */
  readonly name: string;
  /** Its arguments, the program's own name first. */
  readonly argv: readonly string[];
  /** The scripts that lead to the binary, the one that was asked for first. */
  readonly scripts: readonly Located[];
  /** The loader that the kernel starts with it (`PT_INTERP`). */
  readonly interpreter?: Located & { readonly elf: Elf };
  /** What could not be decided on the way. */
  readonly unproven: readonly string[];
}

/** One that the kernel starts together with its loader. */
export type Dynamic = Running & Required<Pick<Running, "interpreter">>;

export type RefusalRule =
  | "entrypoint-permission"
  | "entrypoint-format"
  | "entrypoint-interpreter"
  | "entrypoint-machine"
  | "loader-missing"
  | "loader-unusable";

/** The kernel refuses: errno in words. */
export interface Refused {
  readonly outcome: "refused";
  readonly rule: RefusalRule;
  /** The file that is to blame. */
  readonly located: Located;
  /** One sentence about that file. */
  readonly message: string;
  /** `exec format error`, `no such file or directory`: Go's words for the errno. */
  readonly errno: string;
  /** What it asks for that is not there: an interpreter, a loader. */
  readonly wants?: string;
}

/** Signals by name: they are no errno, and nobody but a shell prints them. */
export const busError = "Bus error";
export const segmentationFault = "Segmentation fault";

/** Whether the kernel takes it cannot be told. */
export interface Undecided {
  readonly outcome: "undecided";
  readonly located: Located;
  /** A sentence. */
  readonly why: string;
}

export function undecided(located: Located, why: string): Undecided {
  return { outcome: "undecided", located, why };
}

export function refused(
  rule: RefusalRule,
  located: Located,
  message: string,
  errno: string,
): Refused {
  return { outcome: "refused", rule, located, message, errno };
}
