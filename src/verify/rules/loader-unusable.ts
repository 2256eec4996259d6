/** The loader that a program names can be used. */
import type { Rule } from "./rule.ts";

export const loaderUnusable: Rule = {
  id: "loader-unusable",
  title: "The loader of a program is damaged or made for another machine",
  what: "Reads the ELF header and the mode of the file that PT_INTERP leads to.",
  why: "The kernel says `accessing a corrupted shared library` or `permission denied`.",
  example: "COPY --from=arm64-stage /lib /lib   (over an amd64 image)",
  fix: "Take program and C library from the same platform.",
};
