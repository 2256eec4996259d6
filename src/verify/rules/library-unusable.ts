/** The library that the loader takes can be loaded. */
import type { Rule } from "./rule.ts";

export const libraryUnusable: Rule = {
  id: "library-unusable",
  title: "The library that the loader finds cannot be loaded",
  what: "The first file of that name on the loader's way is no ELF file, cut short, of another byte order, or no library.",
  why: "The loader does not look further: `file too short`, `invalid ELF header`, `cannot dynamically load executable`.",
  example: "COPY libfoo.so /usr/lib/   (a linker script, or a Git LFS pointer)",
  fix: "Copy the library itself; check what the build really wrote.",
};
