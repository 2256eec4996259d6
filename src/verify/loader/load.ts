/** What a dynamic loader makes of a program: which objects it loads, from where, and where it gives up. */
import type { Elf } from "../../binary/elf/elf.ts";
import type { Node } from "../../filesystem/tree.ts";
import type { Dynamic, Running } from "../start/outcome.ts";

/** A program or library as the loader holds it. */
export interface LoadedObject {
  /** The path that it was opened by, as the loader's messages name it. */
  readonly name: string;
  /** Where that leads. */
  readonly path: string;
  readonly node: Node;
  readonly elf: Elf;
  /** Who asked for it first; absent for the program itself. */
  readonly requestedBy?: LoadedObject;
  /** The name that was asked for. */
  readonly requested?: string;
  /** Which rule of the loader found it. */
  readonly foundBy: string;
}

export function programObject({ located, elf, name }: Running): LoadedObject {
  return { name, path: located.path, node: located.node, elf, foundBy: "the kernel" };
}

const byInterpreter = "the kernel (PT_INTERP)";

export function loaderObject({ interpreter, elf }: Dynamic): LoadedObject {
  return {
    name: elf.interpreter ?? interpreter.path,
    path: interpreter.path,
    node: interpreter.node,
    elf: interpreter.elf,
    foundBy: byInterpreter,
  };
}

/** Whether the kernel started it beside the program. */
export function isLoaderObject({ foundBy }: LoadedObject): boolean {
  return foundBy === byInterpreter;
}

/** A file that was looked at and not taken. */
export interface SkippedFile {
  readonly path: string;
  /** `made for aarch64`, `wrong ELF class`. */
  readonly why: string;
}

export interface LoadProblem {
  readonly rule:
    | "library-missing"
    | "library-unusable"
    | "version-missing"
    | "symbol-missing"
    | "cpu-level";
  /** The object that asked. */
  readonly by: LoadedObject;
  /** The library, version or symbol that it asked for. */
  readonly wants: string;
  /** The file that is to blame, where there is one. */
  readonly at?: { readonly path: string; readonly node: Node };
  /** One sentence. */
  readonly message: string;
  /** What the loader prints, without the program's name before it. */
  readonly sentence: string;
  /** Files of that name that the loader passed over. */
  readonly skipped?: readonly SkippedFile[];
}

export interface Load {
  readonly loader: "none" | "glibc" | "musl";
  /** The program first, then what it loads, in the order in which symbols are looked for. */
  readonly objects: readonly LoadedObject[];
  /** In the order in which the loader meets them; glibc stops at the first. */
  readonly problems: readonly LoadProblem[];
  /** Sentences about what could not be decided. */
  readonly unproven: readonly string[];
}
