/** One image and what is asked of it: the unit of the truth tests. */
import type { TestFiles } from "../image/image.ts";
import type { Architecture } from "./machine.ts";
import type { Base } from "./material.ts";

export interface Case {
  /** Unique; `amd64: a library is deleted`. */
  readonly name: string;
  /** Whose packages and programs it is made of. */
  readonly machine: Architecture;
  /** What the image is labelled with and verified for, where that is not its machine's platform. */
  readonly platform?: string;
  /** The packages that lie below its own layers. */
  readonly base: Base | "none";
  /** The lowest first. */
  readonly layers: readonly TestFiles[];
  readonly config: CaseConfig;
  /** The processor that it is verified for: `x86-64-v2`. */
  readonly cpu?: string;
  /** Which command is started instead of the image's own, where the case is about another one: argv. */
  readonly tries?: readonly string[];
  readonly runs?: Runs;
  /** What a damaged program says is not defined: whether it starts counts, not the words. */
  readonly anyWords?: boolean;
  /** What really happens, seen on the real kernel and loader. */
  readonly truth: Truth;
}

export interface CaseConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
  readonly User?: string;
  readonly Healthcheck?: { readonly Test: readonly string[] };
}

/** How the container is started where the kernel's own way does not tell the truth. */
export type Runs =
  /** With the emulator of that name switched off, as on a server that has none. */
  | { readonly without: string }
  /** As on that processor: under an explicit emulator (amd64), or with the registered one told so (arm). */
  | { readonly cpu: string };

/** It starts: exit code 0, and it prints that. Or it fails, and these words stand in what is printed. */
export type Truth = { readonly prints: string } | { readonly fails: string };
