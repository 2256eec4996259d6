/** Native modules that an interpreter of the image picks by itself: Node add-ons, Python extension modules. */
import type { NativeFile } from "./foreign.ts";

export type Interpreter = "node" | "python";

/** Which interpreter would load that file; `undefined` where none does by itself. */
export function interpreterOf({ path }: Pick<NativeFile, "path">): Interpreter | undefined {
  if (path.endsWith(".node")) return "node";
  const isPackage = /\/(?:site-packages|dist-packages|lib-dynload)\//.test(path);
  return isPackage && path.endsWith(".so") ? "python" : undefined;
}

/** The interpreter that a program is, by its file name. */
export function interpreterNamed(program: string): Interpreter | undefined {
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (/^(?:node|nodejs|bun|deno|electron)$/.test(name)) return "node";
  return /^(?:python|pypy)[\d.]*$/.test(name) ? "python" : undefined;
}
